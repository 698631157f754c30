import type { CommandContext } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import type { ExportTable } from '../../infra/export/export-table.ts';
import type { ExportOrigin } from '../../infra/export/write-export.ts';
import { trainingsNamed } from '../../models/registry/training-store.ts';
import { keptReports, namedReport } from '../../trading/results/kept-reports.ts';
import { sessionNamed, sessionOfRun, type ResultOptions } from '../../trading/results/rows-source.ts';
import { sessionEquity } from '../../trading/results/session-equity.ts';
import { sessionHashes } from '../../trading/results/session-files.ts';
import { sessionTrades } from '../../trading/results/session-trades.ts';
import { daysOfBars } from '../../trading/sessions/session-bar-store.ts';
import type { ListedSession } from '../../trading/sessions/session-store.ts';
import { amount } from '../number-format.ts';
import { readKeptRun, runHashes, runRows, type KeptRun } from './kept-run.ts';
import { transactionColumns, transactionsOf } from './record-rows.ts';
import { equityColumns, equityOf, runEquity, runTrades, tradeColumns, tradesOf } from './result-rows.ts';
import { featuresOf } from './trained/feature-cells.ts';
import { predictionsOf } from './trained/prediction-cells.ts';

export type ResultKind = 'trades' | 'equity' | 'predictions' | 'features' | 'transactions';

/** Rows that are asked for, and whose they are. */
export interface AskedRows extends Omit<ExportOrigin, 'writtenAtMs'>, ExportTable {
  /** What stands where there is no row. */
  readonly none: string;
}

/** Where the currency is not on record. */
const ACCOUNT_CURRENCY = 'currency of the account';

/**
 * The rows of a run or session; of the newest run where neither is named. @throws InputError for one that there is not,
 * and where it has no such rows, with what to do
 */
export async function askedRows(
  context: CommandContext,
  what: ResultKind,
  { run = 'latest', session }: Pick<ResultOptions, 'run' | 'session'>,
): Promise<AskedRows> {
  if (session !== undefined) return rowsOfSession(context, what, await sessionNamed(context, session));
  if (what === 'transactions') return rowsOfSession(context, what, await sessionOfRun(context, run));
  return rowsOfRun(context, what, readKeptRun(namedReport(keptReports(context.config.dataDir), run)));
}

async function rowsOfRun(
  context: CommandContext,
  what: Exclude<ResultKind, 'transactions'>,
  run: KeptRun,
): Promise<AskedRows> {
  const currency = run.record?.currency ?? ACCOUNT_CURRENCY;
  const of = { kind: 'run', id: run.id } as const;
  const hashes = runHashes(run);
  if (what === 'trades') {
    const table = { columns: tradeColumns(currency), portions: runTrades(runRows(run, 'ledger')) };
    return { what, of, hashes, ...table, none: 'No trade.', notes: [OPEN_MARKED] };
  }
  if (what === 'equity') {
    const table = { columns: equityColumns(currency), portions: runEquity(runRows(run, 'equity')) };
    return { what, of, hashes, ...table, none: 'No mark of equity.' };
  }
  const training = hashes['training'] ?? (await trainingByName(context, run.id));
  if (training === null) {
    throw new InputError(
      `Run "${run.id}" has no ${what}: it trades rules, or its training was deleted.`,
      'signalbox train EXPERIMENT makes them; signalbox trades and equity have what the run did.',
    );
  }
  const whose = `Run "${run.id}"`;
  return { ...(await ofTraining(context, what, { training, whose })), of, hashes: { ...hashes, training } };
}

const OPEN_MARKED = 'A trade without exitTime is open: its exitPrice and pnl are those of the last close.';

/** Reports of earlier versions are named after the beginning of their training's hash. */
async function trainingByName({ database }: CommandContext, id: string): Promise<string | null> {
  const [, prefix] = /-([0-9a-f]{8})(?:-\d+)?$/.exec(id) ?? [];
  if (prefix === undefined) return null;
  const [only, second] = await trainingsNamed((await database()).pool, prefix);
  return only === undefined || second !== undefined ? null : only;
}

async function rowsOfSession(context: CommandContext, what: ResultKind, session: ListedSession): Promise<AskedRows> {
  const { pool } = await context.database();
  const { id, definition } = session;
  const of = { kind: 'session', id } as const;
  const hashes = await sessionHashes(context, session);
  if (what === 'trades') {
    const table = { columns: tradeColumns(ACCOUNT_CURRENCY), portions: tradesOf(sessionTrades(pool, session)) };
    return { what, of, hashes, ...table, none: 'No trade.', notes: [OPEN_UNMARKED] };
  }
  if (what === 'transactions') {
    const table = { columns: transactionColumns(), portions: transactionsOf(pool, session) };
    return { what, of, hashes, ...table, none: 'No transaction.' };
  }
  if (what === 'equity') {
    const hasBars = (await daysOfBars(pool, [id])) > 0;
    const same = hasBars ? null : runOfJournal(context, hashes['journal'] ?? null);
    if (!hasBars && same === null) throw noCurve(session);
    const portions = same === null ? equityOf(sessionEquity(pool, session)) : runEquity(runRows(same, 'equity'));
    const table = { columns: equityColumns(same?.record?.currency ?? ACCOUNT_CURRENCY), portions };
    return { what, of, hashes, ...table, none: 'No mark of equity.' };
  }
  const { trainingHash } = definition;
  if (typeof trainingHash !== 'string') {
    throw new InputError(
      `Session "${id}" has no stored ${what}: it trades rules, or asks a model as bars come.`,
      `signalbox signals --session ${id} has what was predicted where it asked for something.`,
    );
  }
  const named = { training: trainingHash, whose: `Session "${id}"` };
  return { ...(await ofTraining(context, what, named)), of, hashes };
}

/** The kept run that did the same, decision by decision and fill by fill; null where there is none. */
function runOfJournal({ config }: CommandContext, journal: string | null): KeptRun | null {
  if (journal === null) return null;
  for (const report of keptReports(config.dataDir)) {
    const run = readKeptRun(report);
    if (run.summary.journalHash === journal) return run;
  }
  return null;
}

const OPEN_UNMARKED = 'A trade without exitTime is open: it has no exitPrice, and no pnl yet.';

function noCurve({ id, equity }: ListedSession): InputError {
  const last = equity === null ? '' : ` Its equity at its last close was ${amount(equity)}.`;
  return new InputError(
    `Session "${id}" has no equity curve: bars of a replay are not kept with it.${last}`,
    'Run or backtest the experiment: the report that is kept of it has the curve of the same bars.',
  );
}

/** Rows of a training that is still on record. */
async function ofTraining(
  { database }: CommandContext,
  what: 'predictions' | 'features',
  { training, whose }: { readonly training: string; readonly whose: string },
): Promise<Omit<AskedRows, 'of' | 'hashes'>> {
  const store = await database();
  if ((await trainingsNamed(store.pool, training)).length === 0) {
    throw new InputError(
      `${whose} traded predictions of training ${training.slice(0, 12)}, which is not in this database any more.`,
      'Train the experiment again: signalbox train EXPERIMENT.',
    );
  }
  return what === 'features' ? featuresOf(store, training) : predictionsOf(store, training);
}
