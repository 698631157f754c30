import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../infra/errors.ts';
import { readResult, readResultHead, readResultRows, type KeptReport } from '../../trading/results/kept-reports.ts';
import { parseRunCurves, type RunCurves } from '../report/run-curves.ts';
import { parseRunRecord, type RunRecord } from '../report/run-record.ts';

const figure = z.number().nullable();

/** What is listed of any result document, a search's too; the rest may be of any version. */
const summarySchema = z.object({
  experiment: z.string().nullable().optional(),
  strategy: z.string(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  bars: z.number(),
  from: z.string(),
  to: z.string(),
  initialCapital: z.number().optional(),
  finalEquity: z.number().optional(),
  totalReturn: figure.optional(),
  sharpe: figure.optional(),
  maxDrawdown: figure.optional(),
  trades: figure.optional(),
  verdict: z.string(),
  reasons: z.array(z.string()).optional(),
  journalHash: z.string().optional(),
  deflatedSharpe: figure.optional(),
  trials: z.number().optional(),
});

type RunSummary = z.infer<typeof summarySchema>;

/** A run as it was kept. */
export interface KeptRun extends KeptReport {
  readonly record: RunRecord | null;
  readonly summary: RunSummary;
  /** The document but its rows: `equity` and `ledger` are empty. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** Reads a kept run. @throws InputError where its result is none */
export function readKeptRun(report: KeptReport): KeptRun {
  return keptRun(report, { record: readRecord(report.folder), document: readResult(report) });
}

/** The same as far as a list needs it: only the members before the rows, where the record says the kind. */
export function readListedRun(report: KeptReport): KeptRun {
  const record = readRecord(report.folder);
  return keptRun(report, { record, document: record === null ? readResult(report) : readResultHead(report) });
}

function keptRun(report: KeptReport, { record, document }: Pick<KeptRun, 'record' | 'document'>): KeptRun {
  const parsed = summarySchema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(
      `${join(report.folder, 'result.json')} is no result document: ${issue!.path.join('.') || 'the whole'}: ${issue!.message}`,
      'Make the report again, or remove its folder.',
    );
  }
  return { ...report, record, summary: parsed.data, document };
}

/** What the run was computed from; null where that was not kept. */
function readRecord(folder: string): RunRecord | null {
  return readBeside(join(folder, 'run.json'), parseRunRecord);
}

/** Benchmarks and months of a run; null where they were not kept. @throws InputError for a file that is no JSON */
export function readCurves({ folder }: Pick<KeptReport, 'folder'>): RunCurves | null {
  return readBeside(join(folder, 'curves.json'), parseRunCurves);
}

function readBeside<Kept>(path: string, parsed: (document: unknown) => Kept | null): Kept | null {
  if (!existsSync(path)) return null;
  try {
    return parsed(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${(error as Error).message}`, 'Make the report again.', error);
  }
}

/** What kind of run it is: as recorded, else by what its result holds. */
export function kindOf({ record, summary, document }: KeptRun): RunRecord['kind'] {
  if (record !== null) return record.kind;
  if (summary.journalHash === undefined) return 'search';
  if (document['walkForward'] !== undefined) return 'walk-forward';
  return document['folds'] === undefined ? 'rules' : 'experiment';
}

/** Hashes of a run; null where one was not kept. */
export function runHashes({ record, summary }: KeptRun): Record<string, string | null> {
  const { experiment = null, data = null, features = null, training = null } = record?.hashes ?? {};
  return { journal: summary.journalHash ?? null, experiment, data, features, training };
}

const ROWS = {
  equity: z.tuple([z.iso.datetime(), z.number()]),
  ledger: z.object({
    symbol: z.string(),
    side: z.enum(['long', 'short']),
    quantity: z.number(),
    entryTime: z.iso.datetime(),
    entryPrice: z.number(),
    exitTime: z.iso.datetime().nullable(),
    exitPrice: z.number(),
    pnl: z.number(),
    fees: z.number(),
    exit: z.string().nullable().optional(),
  }),
};

/** A mark of equity, or a trade, of a run's result. */
export type RunRow<Of extends keyof typeof ROWS> = z.infer<(typeof ROWS)[Of]>;

/** Rows of a run, of which one is held. @throws InputError for a search, which has none, and for a row that is none */
export function runRows<Of extends keyof typeof ROWS>(run: KeptRun, of: Of): Iterable<RunRow<Of>> {
  if (run.summary.journalHash === undefined) {
    throw new InputError(
      `Run "${run.id}" is a search: it has no trades or equity of its own.`,
      `signalbox runs show ${run.id} names what it chose: backtest that.`,
    );
  }
  return checkedRows(run, of);
}

function* checkedRows<Of extends keyof typeof ROWS>(run: KeptRun, of: Of): Generator<RunRow<Of>> {
  let at = 0;
  for (const row of readResultRows(run, of)) {
    const parsed = ROWS[of].safeParse(row);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const place = [of, at, ...issue!.path].join('.');
      throw new InputError(`result.json of run "${run.id}": ${place}: ${issue!.message}`, 'Make it again.');
    }
    yield parsed.data as RunRow<Of>;
    at += 1;
  }
}
