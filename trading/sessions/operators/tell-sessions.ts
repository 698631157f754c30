import type { CommandOutput } from '../../../infra/command.ts';
import { appendAudit, type Actor } from '../../../infra/audit/audit-store.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import type { Command } from '../../effect.ts';
import { workingOrders } from '../../journal/journal-store.ts';
import type { WorkingOrder } from '../../journal/listed-rows.ts';
import { requireConsent } from '../emergency/require-consent.ts';
import { listSessions, requestCommand, type ListedSession } from '../session-store.ts';

type Word = Command['command'];

/** Which session is told (every one that runs where none is named), by whom and why. */
export interface Telling {
  readonly sessionId?: string | undefined;
  readonly actor: Actor;
  readonly reason?: string | undefined;
  /** `resume ID`, where a session that was stopped in an emergency is to go on. */
  readonly consent?: string | undefined;
}

/** What a session that was told something has in hand. */
interface ToldSession extends Pick<ListedSession, 'id' | 'state' | 'positions'> {
  readonly orders: readonly WorkingOrder[];
}

/**
 * Hands an operator's word to a session, or to all that run, and says what becomes of their positions and orders, and
 * what may follow. The word and its entry of the audit are stored together. Exit code 1 where nothing was told.
 * @throws InputError for a session that there is not, or that takes no commands.
 */
export async function tellSessions(
  { pool, transaction }: Pick<Database, 'pool' | 'transaction'>,
  command: Word,
  { sessionId, actor, reason = '', consent }: Telling,
): Promise<CommandOutput> {
  const asked = await transaction(async (client) => {
    const reached = await requestCommand(client, command, sessionId);
    const ids = reached.map(({ id }) => id);
    if (command === 'resume') await requireConsent(client, ids, consent);
    await appendAudit(
      client,
      reached.map(({ id, running }) => ({
        actor,
        action: command,
        sessionId: id,
        reason,
        details: detailsOf(running, consent),
      })),
    );
    return reached;
  });
  const ids = asked.map(({ id }) => id);
  const waiting = asked.filter(({ running }) => !running).map(({ id }) => id);
  const orders = await workingOrders(pool, ids);
  const told = (await listSessions(pool, { ids })).map(({ id, state, positions }) => ({
    id,
    state,
    positions,
    orders: orders.filter(({ sessionId: of }) => of === id),
  }));
  const value = { command, sessions: ids, waiting, told: told.map((session) => valueOf(command, session)) };
  if (told.length === 0) {
    const nobody = `No session is running: there was nobody to tell "${command}". signalbox sessions list shows what there is.`;
    return { value, text: () => nobody, exitCode: 1 };
  }
  return { value, text: () => told.flatMap((session) => linesOf(command, session)).join('\n') };
}

function detailsOf(running: boolean, consent: string | undefined): Readonly<Record<string, unknown>> {
  return consent === undefined ? { running } : { running, consent };
}

/** What a word does to positions and to orders that work when it is taken up. */
const DOES: Readonly<Record<Word, { positions: 'kept' | 'closed'; orders: 'kept' | 'cancelled'; then: string }>> = {
  halt: { positions: 'kept', orders: 'kept', then: 'nothing opens from there on' },
  reduce: { positions: 'kept', orders: 'cancelled', then: 'positions may only shrink from there on' },
  flatten: { positions: 'closed', orders: 'cancelled', then: 'everything is closed and nothing opens from there on' },
  'emergency-stop': {
    positions: 'kept',
    orders: 'cancelled',
    then: 'no signal is heard and no order leaves from there on, protective ones neither; it observes until resumed',
  },
  'emergency-flatten': {
    positions: 'closed',
    orders: 'cancelled',
    then: 'everything is closed, and then it observes until resumed',
  },
  resume: { positions: 'kept', orders: 'kept', then: 'it may open again from there on' },
};

function valueOf(command: Word, { id, state, positions, orders }: ToldSession): Record<string, unknown> {
  const does = DOES[command];
  const listed = orders.map(({ sequence, symbol, side, quantity }) => ({ sequence, symbol, side, quantity }));
  return { session: id, state, positions, positionsAre: does.positions, orders: listed, ordersAre: does.orders };
}

function linesOf(command: Word, { id, state, positions, orders }: ToldSession): string[] {
  const does = DOES[command];
  const when = state === 'running' ? 'takes it up at once' : 'is not running: it takes it up when it goes on';
  return [
    `${command}: ${id} ${when}; ${does.then}.`,
    `  positions ${does.positions}: ${positions === null ? 'not known yet' : positionsOf(positions)}`,
    `  working orders ${does.orders === 'kept' ? 'kept, they may still be filled' : 'cancelled'}: ${ordersOf(orders)}`,
    `  next: ${nextOf(command, id)}`,
  ];
}

function positionsOf(positions: NonNullable<ToldSession['positions']>): string {
  const all = Object.entries(positions);
  return all.length === 0 ? 'none' : all.map(([symbol, units]) => `${symbol} ${units}`).join(', ');
}

function ordersOf(orders: readonly WorkingOrder[]): string {
  if (orders.length === 0) return 'none';
  return orders
    .map(
      ({ sequence, side, quantity, symbol }) =>
        `${sequence} (${side} ${quantity === 0 ? '' : `${quantity} `}${symbol})`,
    )
    .join(', ');
}

function nextOf(command: Word, id: string): string {
  const consent = `signalbox resume --session ${shellWord(id)} --consent "resume ${id}"`;
  if (command.startsWith('emergency'))
    return `signalbox sessions list shows how it stands; ${consent} lets it open again`;
  const of = (word: Word): string => `signalbox ${word} --session ${shellWord(id)}`;
  const look = 'signalbox sessions list shows how it stands';
  if (command === 'resume') return `${look}; ${of('halt')} stops it from opening again`;
  if (command === 'flatten') return `${look}; ${of('resume')} lets it open again`;
  return `${look}; ${of('flatten')} closes the positions, ${of('resume')} lets it open again`;
}

/** Ids may hold anything. */
function shellWord(text: string): string {
  return /^[\w.@%+=:,/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
