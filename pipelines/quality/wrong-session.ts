import { hasHours } from '../calendars/calendar.ts';
import { isoDay } from '../calendars/day.ts';
import { nothingLeft, type QualityCheckDefinition } from './quality-check.ts';

/** Bars on days or at hours when the market was closed: another zone, another market, or made up. */
export const wrongSession: QualityCheckDefinition = {
  name: 'wrong-session',
  description: 'bars outside the trading days and hours of the calendar',
  create: ({ calendar }, report) => {
    const hint = calendar.name === 'us-equities' ? ' (us-equities-extended has those from 4:00 to 20:00)' : '';
    let dayOpenMs = Infinity;
    let dayCloseMs = -Infinity;
    return {
      inspect: ({ length, openTimeMs, closeTimeMs }) => {
        if (!hasHours(calendar)) return;
        for (let i = 0; i < length; i++) {
          const open = openTimeMs[i]!;
          const close = closeTimeMs[i]!;
          if (open >= dayOpenMs && close <= dayCloseMs) continue;
          const day = calendar.dayAt(open);
          const hours = calendar.hoursOf(day);
          dayOpenMs = hours?.openTimeMs ?? Infinity;
          dayCloseMs = hours?.closeTimeMs ?? -Infinity;
          if (open >= dayOpenMs && close <= dayCloseMs) continue;
          const message =
            hours === undefined
              ? `${isoDay(day)} is not a trading day.`
              : `${new Date(open).toISOString()} to ${new Date(close).toISOString()} is outside trading hours${hint}.`;
          report({ severity: 'error', openTimeMs: open, bars: 1, message });
        }
      },
      finish: nothingLeft,
    };
  },
};
