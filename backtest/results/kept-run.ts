import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../infra/errors.ts';
import { readResult, type KeptReport } from '../../trading/results/kept-reports.ts';
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
});

type RunSummary = z.infer<typeof summarySchema>;

/** A run as it was kept. */
export interface KeptRun extends KeptReport {
  readonly record: RunRecord | null;
  readonly summary: RunSummary;
  /** The whole document. */
  readonly document: unknown;
}

/** Reads a kept run. @throws InputError where its result is none */
export function readKeptRun(report: KeptReport): KeptRun {
  const document = readResult(report);
  const parsed = summarySchema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(
      `${join(report.folder, 'result.json')} is no result document: ${issue!.path.join('.') || 'the whole'}: ${issue!.message}`,
      'Make the report again, or remove its folder.',
    );
  }
  return { ...report, record: readRecord(report.folder), summary: parsed.data, document };
}

/** What the run was computed from; null where that was not kept. */
function readRecord(folder: string): RunRecord | null {
  const path = join(folder, 'run.json');
  if (!existsSync(path)) return null;
  try {
    return parseRunRecord(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${(error as Error).message}`, 'Make the report again.', error);
  }
}

/** What kind of run it is: as recorded, else by what its result holds. */
export function kindOf({ record, summary, document }: KeptRun): RunRecord['kind'] {
  if (record !== null) return record.kind;
  if (summary.journalHash === undefined) return 'search';
  const holds = document as Readonly<Record<string, unknown>>;
  if (holds['walkForward'] !== undefined) return 'walk-forward';
  return holds['folds'] === undefined ? 'rules' : 'experiment';
}

/** Hashes of a run; null where one was not kept. */
export function runHashes({ record, summary }: KeptRun): Record<string, string | null> {
  const { experiment = null, data = null, features = null, training = null } = record?.hashes ?? {};
  return { journal: summary.journalHash ?? null, experiment, data, features, training };
}

const rowsSchema = z.object({
  equity: z.array(z.tuple([z.iso.datetime(), z.number()])),
  ledger: z.array(
    z.object({
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
  ),
});

export type RunRows = z.infer<typeof rowsSchema>;

/** Equity and trades of a run. @throws InputError for a search, which has none */
export function runRows({ id, summary, document }: KeptRun): RunRows {
  const parsed = rowsSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  if (summary.journalHash === undefined) {
    throw new InputError(
      `Run "${id}" is a search: it has no trades or equity of its own.`,
      `signalbox runs show ${id} names what it chose: backtest that.`,
    );
  }
  const [issue] = parsed.error.issues;
  throw new InputError(`result.json of run "${id}": ${issue!.path.join('.')}: ${issue!.message}`, 'Make it again.');
}
