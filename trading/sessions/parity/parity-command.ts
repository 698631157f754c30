import { plainTable } from '../../../infra/terminal/plain-table.ts';
import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { amountText } from '../../amount-text.ts';
import type { Replay } from '../replay.ts';
import { changedSince, listSessions } from '../session-store.ts';
import { DIFFERENCES } from './compare-books.ts';
import { readSource, type SessionSource } from './parity-store.ts';
import { replayParity } from './replay-parity.ts';
import type { SessionParity } from './session-parity.ts';

/** Differences that text shows. */
const SHOWN = 20;

/**
 * A session that trades or traded, order by order beside the backtest of its bars.
 * @throws InputError for a session that there is not, a backtest, one that has had no bar, or one whose experiment is
 *   not known or has changed
 */
export async function parityOutput(
  context: CommandContext,
  { session: id, experiment: given }: { readonly session?: string; readonly experiment?: string },
  prepare: (source: SessionSource) => Promise<Replay>,
): Promise<CommandOutput> {
  if (id === undefined) {
    throw new InputError('--session is missing.', 'signalbox sessions list shows what there is.');
  }
  const { pool } = await context.database();
  const [found] = await listSessions(pool, { ids: [id] });
  if (found === undefined) {
    throw new InputError(`there is no session "${id}"`, 'signalbox sessions list shows what there is.');
  }
  if (found.kind === 'backtest') throw new InputError(`"${id}" is a backtest itself.`, 'Name a paper or live session.');
  if (found.lastClose === null)
    throw new InputError(`session "${id}" has had no bar yet.`, 'Wait for its first close.');
  const source = await readSource(pool, id);
  if (source === null && given === undefined) {
    throw new InputError(`which experiment session "${id}" is of is not on record.`, 'Name it: --experiment FILE.');
  }
  const noted: SessionSource['options'] = source?.options ?? { broker: 'simulated' };
  const experiment = given ?? source!.experiment;
  const replay = await prepare({ experiment, options: { ...noted, session: id } });
  const changed = await changedSince(pool, { ...replay.session, id });
  if (changed !== null) {
    throw new InputError(
      `${experiment} is not what session "${id}" was begun with: its ${changed} differs.`,
      'Name the experiment as it was: --experiment FILE.',
    );
  }
  const parity = await replayParity(
    context,
    { ...replay, session: { ...replay.session, id } },
    found.lastClose.getTime(),
  );
  return { value: parity, text: () => describeParity(parity) };
}

/** What `paper` says of it at its end. */
export function paritySummary({ asOf, cost, byClass, rest, costs }: SessionParity): Record<string, unknown> {
  const { proposal, reason } = costs;
  return { asOf, cost, byClass, rest, proposal, reason };
}

/** A line for those who do not ask for more. */
export function parityLine({ byClass, cost }: SessionParity): string {
  const found = DIFFERENCES.filter((name) => byClass[name].count > 0);
  if (found.length === 0) return 'parity: no order differs from the backtest of these bars';
  const words = found.map((name) => `${byClass[name].count} ${name} (${byClass[name].cost.toFixed(2)})`);
  return `parity: ${cost.toFixed(2)} less than the backtest of these bars: ${words.join(', ')}`;
}

function describeParity(parity: SessionParity): string {
  const { session, asOf, orders, equity, rest, costs, differences } = parity;
  const lines = [
    `${session} up to ${asOf}: ${orders.session} orders, the backtest of its bars has ${orders.backtest}`,
    `equity ${amountText(equity.session)}, the backtest's is ${amountText(equity.backtest)}`,
    parityLine(parity),
    ...(rest === 0 ? [] : [`${rest.toFixed(2)} come from dividends and holding costs of positions that differ`]),
    `costs: ${describeCosts(costs)}`,
  ];
  if (differences.length === 0) return lines.join('\n');
  const numbers = ['quantity', 'price', 'backtest', 'cost'].map((number) => ({ number }));
  const table = plainTable(
    ['time', 'symbol', 'order', 'class', ...numbers, { words: 'reason' }],
    differences.slice(0, SHOWN).map((one) => {
      const place = [one.time, one.symbol, `${one.side} ${one.order}`, one.class, one.quantity];
      return [...place, one.price ?? null, one.backtestPrice ?? null, one.cost.toFixed(2), one.reason ?? null];
    }),
  );
  const more = differences.length > SHOWN ? [`${differences.length - SHOWN} more with --json`] : [];
  return [...lines, table, ...more].join('\n');
}

function describeCosts({ slippageBps, feeBps, proposal, reason }: SessionParity['costs']): string {
  if (slippageBps === null || feeBps === null) return reason;
  const paid = `slippage ${slippageBps.session.toFixed(2)} bps (backtest ${slippageBps.backtest.toFixed(2)})`;
  const charged = `charges ${feeBps.session.toFixed(2)} bps (backtest ${feeBps.backtest.toFixed(2)})`;
  if (proposal === null) return `${paid}, ${charged}; ${reason}`;
  return `${paid}, ${charged}; proposed, ${reason}: costs: ${JSON.stringify(proposal)}`;
}
