import type { CommandContext, CommandOutput } from '../command.ts';
import { InputError } from '../errors.ts';
import { plainTable } from '../terminal/plain-table.ts';
import { listAlerts, type ListedAlert } from './alert-store.ts';
import { configuredChannels } from './configured-channels.ts';
import { deliverDueAlerts } from './deliver-alerts.ts';
import { countWaiting } from './alert-store.ts';

const LIMIT_MAX = 10_000;

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

/** `alerts deliver`: tries what is due once. Exit code 1 where something still waits. */
export async function deliverCommand(context: CommandContext): Promise<CommandOutput> {
  const { pool } = await context.database();
  const { clock, signal, config, progress } = context;
  const channels = configuredChannels(config);
  const names = channels.map(({ name }) => name);
  const before = await countWaiting(pool, names);
  await deliverDueAlerts({ pool, channels, clock, signal, note: (text) => progress.note(text) });
  const waiting = await countWaiting(pool, names);
  const value = { channels: names, delivered: before - waiting, waiting };
  return {
    value,
    text: () => `${value.delivered} messages delivered to ${names.join(' and ')}, ${waiting} wait.`,
    exitCode: waiting === 0 ? 0 : 1,
  };
}
