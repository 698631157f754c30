import type { CommandContext, CommandOutput } from '../command.ts';
import { InputError } from '../errors.ts';
import { plainTable } from '../terminal/plain-table.ts';
import { cutEntries, entriesBefore, newestEntries, type AuditEntry } from './audit-store.ts';
import { operatorOf } from './operator.ts';
import { verifyChain, type ChainReport } from './verify-chain.ts';

const LIMIT_MAX = 10_000;

/** `audit verify`. Exit code 1 where the chain is broken, or does not hold the hash that was asked for. */
export async function verifyCommand(context: CommandContext, { holds }: { holds?: string }): Promise<CommandOutput> {
  if (holds !== undefined && !/^[0-9a-f]{64}$/.test(holds)) {
    throw new InputError(`--holds ${holds} is no hash.`, 'Give the 64 digits that `audit verify` named as head.');
  }
  const report = await verifyChain((await context.database()).pool, holds);
  return { value: report, text: () => reportText(report, holds), exitCode: report.intact ? 0 : 1 };
}

function reportText({ broken, entries, first, last, head, holds }: ChainReport, asked: string | undefined): string {
  if (broken !== null) return `The chain is broken at entry ${broken.position}: ${broken.why}.`;
  if (holds === false) return `The chain of ${entries} entries has none with hash ${asked}: entries were removed.`;
  if (head === null) return 'The chain is intact: it has no entry yet.';
  return `The chain is intact: ${entries} entries, ${first} to ${last}.\nhead ${head}`;
}

export interface ListOptions {
  readonly session?: string;
  readonly action?: string;
  readonly limit: string;
  readonly before?: string;
}

/** `audit list`: a page of entries, and where the next one begins (null at the end). */
export async function listCommand(context: CommandContext, options: ListOptions): Promise<CommandOutput> {
  const { session: sessionId, action } = options;
  const limit = numberOf('--limit', options.limit, LIMIT_MAX);
  const before = options.before === undefined ? undefined : numberOf('--before', options.before, 2 ** 53 - 1);
  const { pool } = await context.database();
  const rows = await newestEntries(pool, { sessionId, action, before, limit });
  const next = rows.length === limit ? rows.at(-1)!.position : null;
  const entries = rows.map((row) => ({ ...row, details: JSON.parse(row.details) as unknown }));
  return { value: { entries, next }, text: () => listText(rows) };
}

function numberOf(option: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new InputError(`${option} ${text} is no whole number from 1 to ${most}.`, 'Correct it.');
}

function listText(rows: readonly AuditEntry[]): string {
  if (rows.length === 0) return 'No entry.';
  const cells = rows.map(({ position, at, actorKind, actor, action, sessionId, reason, details }) => [
    String(position),
    at.toISOString().slice(0, 19).replace('T', ' '),
    actorKind === actor ? actor : `${actorKind} ${actor}`,
    action,
    sessionId ?? '-',
    [reason, details === '{}' ? '' : details].filter((text) => text !== '').join(' '),
  ]);
  return plainTable(['entry', 'at', 'who', 'what', 'session', { words: 'why and with what' }], cells);
}

/** `audit retain`: entries older than `auditYears` go, and an entry that stays says so. */
export async function retainCommand(context: CommandContext, { dryRun }: { dryRun?: boolean }): Promise<CommandOutput> {
  const { auditYears } = context.config;
  const database = await context.database();
  const before = new Date(context.clock());
  before.setUTCFullYear(before.getUTCFullYear() - auditYears);
  const beforeMs = before.getTime();
  const note = { actor: operatorOf(context.config), sessionId: null, reason: '', details: { auditYears } };
  const entries =
    dryRun === true
      ? ((await entriesBefore(database.pool, beforeMs))?.entries ?? 0)
      : await database.transaction((client) => cutEntries(client, beforeMs, note));
  const value = { before: before.toISOString(), auditYears, entries, dryRun: dryRun === true };
  const verb = dryRun === true ? 'Would remove' : 'Removed';
  return { value, text: () => `${verb} ${entries} entries from before ${value.before} (${auditYears} years).` };
}
