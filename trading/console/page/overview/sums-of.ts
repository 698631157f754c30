import type { Account, Session } from '../service/shapes.ts';

/** A session with its books. */
export interface OverviewRow {
  readonly session: Session;
  readonly account: Account | undefined;
}

/** What accounts of one currency come to; of one whose currency is not on record, that account by itself. */
export interface Sum {
  readonly currency: string | null;
  /** The one session that it is of, where the currency is not known. */
  readonly session: string | null;
  readonly equity: number;
  readonly dayPnl: number;
  readonly gross: number;
}

/** Sums of what runs. Money of different currencies is never added up. */
export function sumsOf(rows: readonly OverviewRow[]): Sum[] {
  const sums = new Map<string, Sum>();
  for (const { session, account } of rows) {
    if (session.state !== 'running') continue;
    const currency = account?.currency ?? null;
    const key = currency === null ? `session ${session.session}` : `currency ${currency}`;
    const so = sums.get(key) ?? { currency, session: null, equity: 0, dayPnl: 0, gross: 0 };
    const { ours } = account ?? {};
    sums.set(key, {
      currency,
      session: currency === null ? session.session : null,
      equity: so.equity + (ours?.equity ?? session.equity ?? session.capital),
      dayPnl: so.dayPnl + (ours?.dayPnl ?? 0),
      gross: so.gross + (ours?.gross ?? 0),
    });
  }
  return [...sums.values()];
}
