import { appendAudit } from '../../../infra/audit/audit-store.ts';
import { operatorOf } from '../../../infra/audit/operator.ts';
import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { lockUntilCommit } from '../../../infra/postgres/lock-until-commit.ts';
import { changedLimits } from '../../../models/experiment/limits/changed-limits.ts';
import type { RiskLimits } from '../../../models/experiment/experiment.ts';
import { requireKnownSymbols } from '../../known-symbols.ts';
import { limitDifferences, type LimitDifference } from '../../risk/loosened-limits.ts';
import { readLimits, requestCommand } from '../session-store.ts';
import { chosenSession } from './chosen-session.ts';

/** What is made from these when a session begins stays. */
const FIXED = ['margin', 'minimumConfidence'];

/** What `risk set` is told. */
export interface LimitsAsked {
  readonly session: string;
  readonly limit: readonly string[];
  readonly reason: string;
  readonly consent?: string;
}

/** `risk show`: the limits that hold, and what of them is to change. */
export async function showLimits(database: Pick<Database, 'pool'>, asked: string | undefined): Promise<CommandOutput> {
  const session = await chosenSession(database, asked);
  const { limits, pending } = await readLimits(database.pool, session.id);
  const changes = limits === null ? [] : limitDifferences(limits, pending.at(-1) ?? limits);
  const value = { session: session.id, state: session.state, killState: session.killState, limits, pending: changes };
  const text = (): string =>
    limits === null
      ? `${session.id} has no limits on record: it has not begun since they are.`
      : [
          `${session.id}: ${session.state}, ${session.killState ?? 'not begun'}`,
          ...Object.entries(limits)
            .filter(([, one]) => one !== null)
            .map(([name, one]) => `  ${name} ${typeof one === 'object' ? JSON.stringify(one) : String(one)}`),
          ...changes.map((one) => `  to be taken up: ${differenceText(one)}`),
        ].join('\n');
  return { value, text };
}

/**
 * `risk set`: hands other limits to a session, which takes them up between two bars. What is wider than before needs
 * `--consent "loosen ID"`. The change and its entry of the audit are stored together.
 * @throws InputError for limits that do not fit, a consent that is missing, or a session that takes no commands
 */
export async function setLimits(context: CommandContext, asked: LimitsAsked): Promise<CommandOutput> {
  const { session: id, reason } = asked;
  if (reason.trim() === '') throw new InputError('--reason is empty.', 'Say why: it is recorded.');
  const { symbols } = await chosenSession(await context.database(), id);
  const done = await (
    await context.database()
  ).transaction(async (client) => {
    // Two operators at once: the second change rests on the first.
    await lockUntilCommit(client, `limits of session ${id}`);
    const { limits, pending } = await readLimits(client, id);
    if (limits === null) {
      throw new InputError(`Session "${id}" has no limits on record.`, 'Start it once; backtests keep theirs.');
    }
    const before = pending.at(-1) ?? limits;
    const after = changedLimits(before, asked.limit);
    const changes = requireFit(before, after, symbols);
    const loosened = changes.filter(({ loosens }) => loosens).map(({ name }) => name);
    if (loosened.length > 0 && asked.consent !== `loosen ${id}`) {
      throw new InputError(
        `${loosened.join(', ')} would allow more than before.`,
        `Where that is meant, add --consent "loosen ${id}".`,
      );
    }
    const [reached] = await requestCommand(client, 'limits', id, { limits: after });
    const details = { changes, limits: after, consent: loosened.length > 0 };
    await appendAudit(client, [
      { actor: operatorOf(context.config), action: 'limits-change', sessionId: id, reason: reason.trim(), details },
    ]);
    return { changes, limits: after, running: reached!.running };
  });
  const when = done.running ? 'takes them up at once' : 'is not running: it takes them up when it goes on';
  const text = (): string =>
    [`${id} ${when}.`, ...done.changes.map((change) => `  ${differenceText(change)}`)].join('\n');
  return { value: { session: id, ...done }, text };
}

function requireFit(before: RiskLimits, after: RiskLimits, symbols: readonly string[]): readonly LimitDifference[] {
  const changes = limitDifferences(before, after);
  if (changes.length === 0) throw new InputError('--limit changes nothing.', 'signalbox risk show lists what holds.');
  const fixed = changes.find(({ name }) => FIXED.includes(name.split('.')[0]!));
  if (fixed !== undefined) {
    throw new InputError(`${fixed.name} stays as a session began with it.`, 'Begin another one with --session ID.');
  }
  requireKnownSymbols(symbols, Object.keys(after.symbols ?? {}), 'limits.symbols');
  for (const [name, group] of Object.entries(after.groups ?? {})) {
    requireKnownSymbols(symbols, group.symbols, `limits.groups.${name}`);
  }
  return changes;
}

function differenceText({ name, before, after, loosens }: LimitDifference): string {
  const text = (value: unknown): string => (value === null ? 'none' : String(value));
  return `${name}: ${text(before)} to ${text(after)}${loosens ? ', wider' : ''}`;
}
