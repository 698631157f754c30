import type { CommandContext, CommandOutput } from '../command.ts';
import { appendAudit } from '../audit/audit-store.ts';
import { operatorOf } from '../audit/operator.ts';
import { InputError } from '../errors.ts';
import { maskSecrets } from '../logging/mask-secrets.ts';
import { plainTable } from '../terminal/plain-table.ts';
import type { AlertChannel, AlertMessage } from './alert.ts';
import { acknowledgeAlert, countWaiting, listAlerts, type ListedAlert } from './alert-store.ts';
import { configuredChannels } from './configured-channels.ts';
import { configuredDelivery } from './configured-delivery.ts';
import { deliverDueAlerts } from './deliver-alerts.ts';
import { beginSilence, endSilence, listSilences, type StoredSilence } from './silence-store.ts';

const LIMIT_MAX = 10_000;
const TEST_MS_MAX = 10_000;

export interface AlertListOptions {
  readonly open?: boolean;
  readonly session?: string;
  readonly type?: string;
  readonly limit: string;
  readonly before?: string;
}

/** `alerts list`: a page of alerts, and where the next one begins (null at the end). */
export async function listCommand(context: CommandContext, options: AlertListOptions): Promise<CommandOutput> {
  const { open, session, type } = options;
  const limit = numberOf('--limit', options.limit, LIMIT_MAX);
  const before = options.before === undefined ? undefined : numberOf('--before', options.before, 2 ** 53 - 1);
  const alerts = await listAlerts((await context.database()).pool, { open, session, type, before, limit });
  const next = alerts.length === limit ? alerts.at(-1)!.id : null;
  return { value: { alerts, next }, text: () => listText(alerts) };
}

function numberOf(option: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new InputError(`${option} ${text} is no whole number from 1 to ${most}.`, 'Correct it.');
}

function listText(alerts: readonly ListedAlert[]): string {
  if (alerts.length === 0) return 'No alert.';
  const moment = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');
  return plainTable(
    ['alert', 'raised', 'severity', 'type', 'session', { number: 'times' }, 'over', { words: 'what' }],
    alerts.map((alert) => [
      String(alert.id),
      moment(alert.raisedAt),
      alert.severity,
      alert.type,
      alert.session,
      alert.times,
      alert.resolvedAt === null ? 'open' : moment(alert.resolvedAt),
      alert.words + waitingText(alert),
    ]),
  );
}

function waitingText({ waiting, answer }: ListedAlert): string {
  const names = Object.keys(waiting);
  if (names.length === 0) return '';
  return ` (waits for ${names.join(' and ')}${answer === null ? '' : `: ${answer}`})`;
}

/** `alerts test CHANNEL`: sends a message to a channel, or to all that are configured, and says what came of it. */
export async function testCommand(context: CommandContext, name: string): Promise<CommandOutput> {
  const channels = configuredChannels(context.config);
  const names = channels.map((channel) => channel.name);
  const chosen = name === 'all' ? channels : channels.filter((channel) => channel.name === name);
  if (chosen.length === 0)
    throw new InputError(
      `No channel "${name}" is configured; there are ${names.join(', ')}.`,
      'Set its variables: infra/alerts/README.md names them.',
    );
  const results = await Promise.all(chosen.map((channel) => tryChannel(channel, context)));
  const failed = results.filter(({ answer }) => answer !== null);
  return {
    value: { channels: results },
    text: () =>
      results
        .map(({ channel, answer }) => `${channel}: ${answer === null ? 'it took the message' : answer}`)
        .join('\n'),
    exitCode: failed.length === 0 ? 0 : 1,
  };
}

const TEST = { type: 'test', severity: 'info', words: 'This is a test: a message to this channel arrives.' } as const;

/** Sends a test to a channel. Returns its name, and what it answered where it did not take it; null where it did. */
export async function tryChannel(
  channel: AlertChannel,
  { clock }: Pick<CommandContext, 'clock'>,
  about: Pick<AlertMessage, 'type' | 'severity' | 'words'> = TEST,
): Promise<{ readonly channel: string; readonly answer: string | null }> {
  const raisedAt = new Date(clock()).toISOString();
  const more = { session: null, details: {}, raisedAt, resolvedAt: null };
  try {
    const message = { ...about, id: `test-${clock()}`, state: 'raised', key: 'test', ...more } as const;
    await channel.send(message, AbortSignal.timeout(TEST_MS_MAX));
    return { channel: channel.name, answer: null };
  } catch (error) {
    return { channel: channel.name, answer: maskSecrets((error as Error).message) };
  }
}

/** `alerts acknowledge NUMBER`: somebody has seen it, and it is not told again because nobody has. */
export async function acknowledgeCommand(context: CommandContext, text: string): Promise<CommandOutput> {
  const id = numberOf('the number', text, Number.MAX_SAFE_INTEGER);
  const actor = operatorOf(context.config);
  const atMs = context.clock();
  const seen = await (
    await context.database()
  ).transaction(async (client) => {
    const one = await acknowledgeAlert(client, id, { atMs, by: actor.name });
    if (one === null) throw new InputError(`No alert ${id} is open.`, 'See `signalbox alerts list --open`.');
    const note = {
      actor,
      action: 'alert-acknowledged',
      sessionId: one.session,
      reason: '',
      details: { id, key: one.key },
    };
    await appendAudit(client, [note]);
    return one;
  });
  return { value: { id, ...seen }, text: () => `Alert ${id} (${seen.key}) is acknowledged.` };
}

export interface SilenceOptions {
  readonly type?: string;
  readonly session?: string;
  readonly for: string;
  readonly reason: string;
  readonly end?: string;
}

const MINUTES = { m: 1, h: 60, d: 1_440 } as const;
const SILENCE_MINUTES_MAX = 30 * MINUTES.d;

function minutesOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const minutes = Number(count) * MINUTES[unit as keyof typeof MINUTES];
  if (minutes >= 1 && minutes <= SILENCE_MINUTES_MAX) return minutes;
  throw new InputError(`--for ${text} is no span from 1m to 30d.`, 'Give a number and m, h or d, such as 2h.');
}

/** `alerts silence`: alerts of a type or session are recorded and not told for a while; or that ends; or what holds. */
export async function silenceCommand(context: CommandContext, options: SilenceOptions): Promise<CommandOutput> {
  const { type = null, session = null, reason, end } = options;
  const database = await context.database();
  const [actor, atMs] = [operatorOf(context.config), context.clock()];
  if (end !== undefined) {
    const id = numberOf('--end', end, Number.MAX_SAFE_INTEGER);
    await database.transaction(async (client) => {
      if (!(await endSilence(client, id, atMs)))
        throw new InputError(`No silence ${id} holds.`, 'See `alerts silence`.');
      await appendAudit(client, [{ actor, action: 'alert-silence-ended', sessionId: null, reason, details: { id } }]);
    });
  } else if (type !== null || session !== null) {
    const untilMs = atMs + 60_000 * minutesOf(options.for);
    if (reason.trim() === '') throw new InputError('A silence needs a reason.', 'Give --reason TEXT.');
    await database.transaction(async (client) => {
      const id = await beginSilence(client, { type, session, untilMs }, { atMs, by: actor.name, reason });
      const details = { id, type, until: new Date(untilMs).toISOString() };
      await appendAudit(client, [{ actor, action: 'alert-silence', sessionId: session, reason, details }]);
    });
  }
  const silences = await listSilences(database.pool, atMs);
  return { value: { silences }, text: () => silencesText(silences) };
}

function silencesText(silences: readonly StoredSilence[]): string {
  if (silences.length === 0) return 'Nothing is silenced.';
  return plainTable(
    ['silence', 'type', 'session', 'until', 'by', { words: 'reason' }],
    silences.map(({ id, type, session, until, madeBy, reason }) => {
      const end = until.toISOString().slice(0, 16).replace('T', ' ');
      return [String(id), type ?? 'any', session ?? 'any', end, madeBy, reason];
    }),
  );
}

/** `alerts deliver`: tries what is due once. Exit code 1 where something still waits. */
export async function deliverCommand(context: CommandContext): Promise<CommandOutput> {
  const { pool } = await context.database();
  const delivery = configuredDelivery(context, pool);
  const names = delivery.channels.map(({ name }) => name);
  const before = await countWaiting(pool, names);
  await deliverDueAlerts({ ...delivery, signal: context.signal });
  const waiting = await countWaiting(pool, names);
  const value = { channels: names, delivered: before - waiting, waiting };
  return {
    value,
    text: () => `${value.delivered} messages delivered to ${names.join(' and ')}, ${waiting} wait.`,
    exitCode: waiting === 0 ? 0 : 1,
  };
}
