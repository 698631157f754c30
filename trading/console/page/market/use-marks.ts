import { useMemo } from 'react';
import { useFills, useOrders, usePositions, useSignals } from '../service/queries.ts';
import { levelsOf, marksOf, type Mark, type PriceLevel } from './marks-of.ts';

export interface Marks {
  readonly marks: readonly Mark[];
  readonly levels: readonly PriceLevel[];
  /** There are older ones than those that are drawn. */
  readonly hasOlder: boolean;
  readonly error: Error | null;
}

/** What a session did in a symbol since a moment, where its orders wait, and what its position cost. */
export function useMarks(session: string | undefined, symbol: string, time: readonly number[]): Marks {
  const from = time[0] === undefined ? undefined : new Date(time[0]).toISOString();
  const isAsked = from === undefined ? undefined : session;
  const signals = useSignals(isAsked, { symbol, from });
  const fills = useFills(isAsked, { symbol, from });
  const working = useOrders(isAsked, { symbol, state: 'working' });
  const positions = usePositions(isAsked);
  const position = positions.data?.positions.find((one) => one.symbol === symbol);
  const [signalPages, fillPages, orderPages] = [signals.data?.pages, fills.data?.pages, working.data?.pages];
  const held = position?.quantity ?? 0;
  const marks = useMemo(() => {
    const signalRows = signalPages?.flatMap((page) => page.signals) ?? [];
    const fillRows = fillPages?.flatMap((page) => page.fills) ?? [];
    return marksOf({ signals: signalRows, fills: fillRows, held }, time);
  }, [signalPages, fillPages, held, time]);
  const average = held === 0 ? null : (position?.averagePrice ?? null);
  const levels = useMemo(
    () => levelsOf(orderPages?.flatMap((page) => page.orders) ?? [], average),
    [orderPages, average],
  );
  return {
    marks,
    levels,
    hasOlder: signals.hasNextPage || fills.hasNextPage,
    error: signals.error ?? fills.error ?? working.error,
  };
}
