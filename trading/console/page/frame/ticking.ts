import { useEffect, useState } from 'react';
import { systemClock } from '../../../../infra/clock.ts';

/** The moment, told again every second while somebody looks. */
export function useNow(everyMs = 1_000): number {
  const [nowMs, setNow] = useState(systemClock);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(systemClock());
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}
