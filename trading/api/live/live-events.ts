import { listCommand } from '../../../infra/alerts/alert-actions.ts';
import type { CommandContext } from '../../../infra/command.ts';
import { fillsOutput, signalsOutput } from '../../sessions/operators/rows-output.ts';
import type { ListedFill, ListedRefusal } from '../../journal/listed-rows.ts';
import { listSessions } from '../../sessions/session-store.ts';
import type { LiveRow } from './live-view.ts';

/** Of each kind the newest that one look sees: of more at a time the oldest are not told, and lists have them. */
const NEWEST = '200';

/** What happened, by an id that every process gives it. */
export interface LiveEvent {
  /** `fill:ID:RECORD` and the like. */
  readonly id: string;
  readonly kind: 'fill' | 'refusal' | 'stop' | 'alert';
  readonly session: string | null;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly symbol: string | null;
  readonly time: Date | string | null;
  readonly words: string;
}

type RaisedAlert = Pick<LiveEvent, 'session' | 'severity' | 'words'> & {
  readonly id: number;
  readonly raisedAt: Date;
};

/** Fills, refusals, stops and alerts of one session. */
export async function eventsOf(context: CommandContext, session: string): Promise<readonly LiveRow[]> {
  const database = await context.database();
  const newest = { session, limit: NEWEST };
  const fills = (await fillsOutput(database, newest)).value as { fills: ListedFill[] };
  const refusals = (await signalsOutput(database, { ...newest, refused: true })).value as { refused: ListedRefusal[] };
  return rowsOf([
    ...fills.fills.map((one) => fillEvent(session, one)),
    ...refusals.refused.map((one) => refusalEvent(session, one)),
    ...(await stops(context, session)),
    ...(await alerts(context, session)),
  ]);
}

/** Stops and alerts of all sessions: fills of two hundred would be noise. */
export async function eventsOfAll(context: CommandContext): Promise<readonly LiveRow[]> {
  return rowsOf([...(await stops(context)), ...(await alerts(context))]);
}

/** Whether an event is for those alone who may read alerts. */
export const isAlert = (id: string): boolean => id.startsWith('alert:');

function rowsOf(events: readonly LiveEvent[]): LiveRow[] {
  return events.map((event) => [event.id, event]);
}

function fillEvent(session: string, { record, symbol, time, quantity, price, takesBack }: ListedFill): LiveEvent {
  const did = takesBack ? 'Taken back:' : quantity > 0 ? 'Bought' : 'Sold';
  const words = `${did} ${Math.abs(quantity)} ${symbol} at ${price}`;
  const severity = takesBack ? 'warning' : 'info';
  return { id: `fill:${session}:${record}`, kind: 'fill', session, severity, symbol, time, words };
}

function refusalEvent(session: string, { record, symbol, time, code, reason }: ListedRefusal): LiveEvent {
  const words = `${code}: ${reason}`;
  return { id: `refusal:${session}:${record}`, kind: 'refusal', session, severity: 'warning', symbol, time, words };
}

/** How sessions stand: another state is another event. */
async function stops(context: CommandContext, of?: string): Promise<LiveEvent[]> {
  const { pool } = await context.database();
  const sessions = await listSessions(pool, of === undefined ? {} : { ids: [of] });
  return sessions.map(({ id: session, killState, lastClose }) => {
    const state = killState ?? 'run';
    const severity = state === 'run' ? 'info' : state.startsWith('stop') ? 'critical' : 'warning';
    const words = state === 'run' ? 'trades again' : `is held back: ${state}`;
    return { id: `stop:${session}:${state}`, kind: 'stop', session, severity, symbol: null, time: lastClose, words };
  });
}

async function alerts(context: CommandContext, session?: string): Promise<LiveEvent[]> {
  const asked = { limit: NEWEST, ...(session === undefined ? {} : { session }) };
  const { value } = await listCommand(context, asked);
  return (value as { alerts: RaisedAlert[] }).alerts.map(({ id, session: of, severity, words, raisedAt }) => {
    return { id: `alert:${id}`, kind: 'alert', session: of, severity, symbol: null, time: raisedAt, words };
  });
}
