import type { Database } from '../../../infra/postgres/database.ts';
import { listAlerts } from '../../../infra/alerts/alert-store.ts';
import { plainTable } from '../../../infra/terminal/plain-table.ts';
import { countRecords } from '../../journal/journal-store.ts';
import { accountFigures, venueFigures } from '../monitor/account-figures.ts';
import { readSnapshots } from '../monitor/account-store.ts';
import { readBreakers } from '../health/breaker-store.ts';
import { latencyFigures } from '../latency/latency-store.ts';
import { readLimits } from '../session-store.ts';
import { chosenSession, minuteText, stateOf } from './chosen-session.ts';
import { shownPositions } from './positions-output.ts';
import { ordersOf, valueOf } from './sessions-output.ts';
import type { Look } from './watched.ts';

/** What `sessions show` says: one session whole, with what it is made of and what it left on record. */
export async function sessionOutput(database: Pick<Database, 'pool'>, id: string | undefined): Promise<Look> {
  const { pool } = database;
  const session = await chosenSession(database, id);
  const records = await countRecords(pool, session.id);
  const snapshot = (await readSnapshots(pool, [session.id])).get(session.id);
  const ours = snapshot === undefined ? null : accountFigures(snapshot);
  const venue = snapshot === undefined ? null : venueFigures(snapshot);
  const held = shownPositions(session, snapshot);
  const { symbols, definition } = session;
  const { limits } = await readLimits(pool, session.id);
  const breakers = await readBreakers(pool, session.id);
  const open = (await listAlerts(pool, { session: session.id, open: true, limit: 20 })).reverse();
  const alerts = open.map(({ id: alert, type, severity, words, raisedAt }) => ({
    alert,
    type,
    severity,
    words,
    raisedAt,
  }));
  const latencies = await latencyFigures(pool, session.id);
  const watched = { breakers, alerts };
  const value = { ...valueOf(session), symbols, definition, records, ours, venue, held, limits, latencies, ...watched };
  const money = (number: number | null | undefined): string | null => number?.toFixed(2) ?? null;
  const text = (): string =>
    plainTable(
      ['session', session.id],
      [
        ['experiment', session.experiment],
        ['mode', session.kind],
        ['orders go to', ordersOf(session)],
        ['state', stateOf(session)],
        ['commands pending', session.pending.join(', ')],
        ['began', minuteText(session.startedAt)],
        ['ended', minuteText(session.endedAt)],
        ['last bar', minuteText(session.lastClose)],
        ['symbols', symbols.length > 12 ? `${symbols.slice(0, 12).join(', ')} and others` : symbols.join(', ')],
        ['capital', money(session.capital)],
        ['equity', money(ours?.equity ?? session.equity)],
        ['profit of the day', money(ours?.dayPnl)],
        ['equity at the venue', money(venue?.equity)],
        ['positions', held.map(({ symbol, quantity }) => `${symbol} ${quantity}`).join(', ')],
        ['orders', `${records.orders}, of which ${records.working} work`],
        ['fills', records.fills],
        ['signals', `${records.signals}, ${records.refusals} refused`],
        ...latencies.map(
          ({ step, orders, p50Ms, p99Ms }) =>
            [`until ${step}`, `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ${orders} orders`] as const,
        ),
        ['breakers', breakersText(breakers)],
        ...alerts.map(({ type, severity, words }) => [`${severity} alert`, `${type}: ${words}`]),
      ],
    );
  return { value, text, isOver: session.state === 'ended' };
}

/** Those that are not closed, and why they last changed; `closed` where all are. */
function breakersText({ states, changes }: Awaited<ReturnType<typeof readBreakers>>): string {
  const broken = Object.entries(states).filter(([, state]) => state !== 'closed');
  if (broken.length === 0) return 'closed';
  const whyOf = (name: string): string => changes.find(({ breaker }) => breaker === name)?.reason ?? '';
  return broken.map(([name, state]) => `${name} ${state}: ${whyOf(name)}`).join('; ');
}
