import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext } from '../../../infra/command.ts';
import type { ResultOptions } from '../../results/rows-source.ts';
import type { RowsOptions } from './rows-output.ts';
import type { SessionsAsked } from './sessions-output.ts';
import type { Look } from './watched.ts';

interface Watching {
  readonly watch?: string | true;
}

/** Registers `positions`, `orders`, `fills`, `signals` and `account`: looks at sessions, which change nothing. */
export function registerLookCommands(program: Command): void {
  const positions = lookCommand(program, 'positions', 'what a session holds, beside what its venue says it holds');
  positions.option('--symbol <NAME>', 'only this symbol').option('--strategy <NAME>', 'only what this strategy holds');
  bindLook<RowsOptions>(positions, async (context, options) =>
    (await import('./positions-output.ts')).positionsOutput(await context.database(), options),
  );

  const orders = rowsCommand(program, 'orders', 'orders of a session with what came of each, the newest first');
  orders.option('--state <NAME>', 'working, or one state by name');
  bindRows(fileable(orders), 'orders');

  const fills = rowsCommand(program, 'fills', 'fills of a session, the newest first');
  bindRows(fileable(fills), 'fills');

  const signals = rowsCommand(program, 'signals', 'signals of a session that asked for something, the newest first');
  signals.option('--action <NAME>', 'buy or sell');
  signals.option('--refused', 'what was not let through instead: signals and orders, and why');
  bindLook<RowsOptions>(signals, async (context, options) =>
    (await import('./rows-output.ts')).signalsOutput(await context.database(), options),
  );

  const account = addCommand(
    program,
    'account',
    'balances, buying power, profit, margin and exposure of sessions, on our books and on the venue’s word',
  );
  account.option('--session <ID>', 'only this session, or a backtest (default: every session that trades or traded)');
  bindLook<{ session?: string }>(watchable(account), async (context, { session }) =>
    (await import('./account-output.ts')).accountOutput(await context.database(), session),
  );
}

/** Registers `sessions list`, `sessions show` and `sessions shadows`. */
export function registerSessionLooks(sessions: Command): void {
  const list = addCommand(sessions, 'list', 'every session, the newest first', { isDefault: true });
  list
    .option('--all', 'backtests too')
    .option('--state <NAME>', 'only those that are running, stopped or ended')
    .option('--experiment <NAME>', 'only those of this experiment')
    .option('--limit <N>', 'no more than the newest N');
  bindLook<SessionsAsked>(watchable(list), async (context, asked) =>
    (await import('./sessions-output.ts')).sessionsOutput(await context.database(), asked),
  );
  const shadows = addCommand(
    sessions,
    'shadows [session]',
    'what models and strategies say that run beside a session and are never traded (default: of the newest that runs)',
  );
  bindLook<object>(watchable(shadows), async (context, _options, id) =>
    (await import('../shadows/shadows-output.ts')).shadowsOutput(await context.database(), id === '' ? undefined : id),
  );
  const show = addCommand(sessions, 'show [session]', 'one session whole (default: the newest that runs)');
  bindLook<object>(watchable(show), async (context, _options, id) =>
    (await import('./session-output.ts')).sessionOutput(await context.database(), id === '' ? undefined : id),
  );
}

function watchable(command: Command): Command {
  return command.option('--watch [SECONDS]', 'look again and again, every 2 seconds by default');
}

function lookCommand(program: Command, name: string, does: string): Command {
  const command = addCommand(program, name, does);
  command.option('--session <ID>', 'of this session, or a backtest (default: the newest that runs, or else ran)');
  return watchable(command);
}

/** A look at rows that come in pages. */
function rowsCommand(program: Command, name: string, does: string): Command {
  return lookCommand(program, name, does)
    .option('--symbol <NAME>', 'only of this symbol')
    .option('--strategy <NAME>', 'only of this strategy, where several share the account')
    .option('--limit <N>', 'no more than N (default: 50)')
    .option('--before <N>', 'only those before this number: the next page');
}

/** Rows that also belong to runs, and can be written to a file. */
function fileable(command: Command): Command {
  return command
    .option('--run <ID>', 'of the session that a run left: its name in `runs list`, or latest')
    .option(
      '--out <FILE>',
      'write all of them, the oldest first: FILE.csv, .parquet or .arrow, with FILE.manifest.json',
    );
}

function bindRows(command: Command, what: 'orders' | 'fills'): void {
  bindLook<RowsOptions & ResultOptions>(command, async (context, { run, ...options }) => {
    const [results, looks] = await Promise.all([import('../../results/session-files.ts'), import('./rows-output.ts')]);
    const session = await results.askedSession(context, { ...options, run });
    const asked = { ...options, session };
    if (options.out !== undefined) return results.rowsToFile(context, what, asked);
    const output = what === 'orders' ? looks.ordersOutput : looks.fillsOutput;
    return output(await context.database(), asked);
  });
}

function bindLook<Options>(
  command: Command,
  look: (context: CommandContext, options: Options, ...args: string[]) => Promise<Look>,
): void {
  bindAction<Options & Watching>(command, async (context, options, ...args) => {
    const { watched } = await import('./watched.ts');
    return watched(context, options.watch, () => look(context, options, ...args));
  });
}
