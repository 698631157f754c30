import { listCommand } from '../../../infra/alerts/alert-actions.ts';
import { mayDo, maySee, type Identity } from '../../../infra/auth/identity.ts';
import type { Permission } from '../../../infra/auth/roles.ts';
import type { CommandContext } from '../../../infra/command.ts';
import type { Change } from '../../../infra/postgres/change-feed.ts';
import { accountOutput } from '../../sessions/operators/account-output.ts';
import { positionsOutput } from '../../sessions/operators/positions-output.ts';
import { fillsOutput, ordersOutput, signalsOutput } from '../../sessions/operators/rows-output.ts';
import { sessionsOutput } from '../../sessions/operators/sessions-output.ts';
import { eventsOf, eventsOfAll } from './live-events.ts';
import type { LiveRow } from './live-view.ts';

/** Rows of a list that are kept in view; older ones are asked for in pages. */
const ROWS_MAX = '200';

interface Kind {
  readonly permission: Permission;
  /** It is of one session: `orders:ID`. */
  readonly ofSession: boolean;
  /** What comes is told once, as an event; what was there before is not told. */
  readonly tellsEvents?: boolean;
  /** Changes of these lead to a new look. */
  readonly by: readonly string[];
  readonly read: (context: CommandContext, session: string) => Promise<readonly LiveRow[]>;
}

/** What can be listened to, read as the commands of the same names read it. */
const KINDS: Readonly<Record<string, Kind>> = {
  sessions: {
    permission: 'sessions:read',
    ofSession: false,
    by: ['sessions'],
    read: async (context) => {
      const { value } = await sessionsOutput(await context.database(), { limit: ROWS_MAX });
      return keyed(value, 'session');
    },
  },
  orders: rowsKind('orders', 'sequence', async (context, options) => ordersOutput(await context.database(), options)),
  fills: rowsKind('fills', 'record', async (context, options) => fillsOutput(await context.database(), options)),
  signals: rowsKind('signals', 'record', async (context, options) => signalsOutput(await context.database(), options)),
  positions: {
    permission: 'sessions:read',
    ofSession: true,
    by: ['account', 'fills'],
    read: async (context, session) => {
      const { value } = await positionsOutput(await context.database(), { session });
      return keyed((value as { positions: unknown }).positions, 'symbol');
    },
  },
  account: {
    permission: 'sessions:read',
    ofSession: true,
    by: ['account', 'sessions'],
    read: async (context, session) => keyed((await accountOutput(await context.database(), session)).value, 'session'),
  },
  events: {
    permission: 'sessions:read',
    ofSession: false,
    tellsEvents: true,
    by: ['sessions', 'alerts'],
    read: (context) => eventsOfAll(context),
  },
  'events:': {
    permission: 'sessions:read',
    ofSession: true,
    tellsEvents: true,
    by: ['fills', 'refusals', 'sessions', 'alerts'],
    read: (context, session) => eventsOf(context, session),
  },
  alerts: {
    permission: 'alerts:read',
    ofSession: false,
    by: ['alerts'],
    read: async (context) => {
      const { value } = await listCommand(context, { limit: ROWS_MAX });
      return keyed((value as { alerts: unknown }).alerts, 'id');
    },
  },
};

function rowsKind(
  name: 'orders' | 'fills' | 'signals',
  key: string,
  look: (context: CommandContext, options: { session: string; limit: string }) => Promise<{ value: unknown }>,
): Kind {
  return {
    permission: 'sessions:read',
    ofSession: true,
    by: name === 'orders' ? ['orders', 'fills'] : [name],
    read: async (context, session) => {
      const { value } = await look(context, { session, limit: ROWS_MAX });
      return keyed((value as Record<string, unknown>)[name], key);
    },
  };
}

function keyed(rows: unknown, key: string): LiveRow[] {
  return (rows as readonly Record<string, unknown>[]).map((row) => [String(row[key]), row]);
}

/** A channel by its name: `sessions`, `orders:ID`. */
export interface Channel {
  readonly name: string;
  readonly session: string;
  readonly permission: Permission;
  readonly tellsEvents: boolean;
  readonly read: (context: CommandContext) => Promise<readonly LiveRow[]>;
  readonly isChangedBy: (change: Change) => boolean;
}

/** Undefined for a name that is none. */
export function channelNamed(name: string): Channel | undefined {
  const at = name.indexOf(':');
  const [word, session] = at < 0 ? [name, ''] : [name.slice(0, at), name.slice(at + 1)];
  const both = session !== '' && Object.hasOwn(KINDS, `${word}:`) ? `${word}:` : word;
  const kind = Object.hasOwn(KINDS, both) ? KINDS[both]! : undefined;
  if (kind === undefined || kind.ofSession !== (session !== '')) return undefined;
  return {
    name,
    session,
    permission: kind.permission,
    tellsEvents: kind.tellsEvents === true,
    read: (context) => kind.read(context, session),
    isChangedBy: (change) =>
      change === 'all' || (kind.by.includes(change.channel) && (!kind.ofSession || change.session === session)),
  };
}

/** Whoever sees some sessions alone listens to those alone: lists of all sessions are not for them. */
export function mayListen(identity: Identity, { permission, session }: Channel): boolean {
  if (!mayDo(identity, permission)) return false;
  return session === '' ? identity.sessions === null : maySee(identity, session);
}

/** Every channel with the permission that it takes, in the order of messages. */
export const CHANNEL_PERMISSIONS: readonly { readonly channel: string; readonly permission: Permission }[] =
  Object.entries(KINDS).map(([name, { ofSession, permission }]) => ({
    channel: ofSession ? `${name.replace(':', '')}:SESSION` : name,
    permission,
  }));

/** Names of all channels, for messages. */
export const CHANNELS = CHANNEL_PERMISSIONS.map(({ channel }) => channel);
