import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../../infra/errors.ts';
import { readOutsideText } from '../../../infra/files/outside-file.ts';

/** Five million points of equity fit. */
const BYTES_MAX = 256 << 20;

const figure = z.number().nullable();

/** What a comparison reads of a result document; the rest may be of any version. */
const resultSchema = z.object({
  experiment: z.string().nullable(),
  strategy: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  bars: z.number(),
  initialCapital: z.number(),
  finalEquity: z.number(),
  totalReturn: figure,
  cagr: figure,
  volatility: figure,
  sharpe: figure,
  sortino: figure,
  calmar: figure,
  maxDrawdown: figure,
  exposure: figure,
  turnover: figure,
  trades: figure,
  winRate: figure,
  profitFactor: figure,
  expectancy: figure,
  fees: figure,
  slippage: figure,
  probabilisticSharpe: figure,
  deflatedSharpe: figure,
  verdict: z.enum(['evidence', 'weak', 'none']),
  equity: z.array(z.tuple([z.iso.datetime(), z.number()])).min(1),
});

/** A run that is compared: its name among the others, and its result document. */
export interface ComparedRun {
  readonly name: string;
  readonly path: string;
  readonly result: z.infer<typeof resultSchema>;
}

/**
 * Reads a run by the name of a kept report below `dataDir`, its folder, or the file of a result document
 * (`backtest --json`). Throws InputError where there is none or it is no such document.
 */
export async function readRun(named: string, dataDir: string): Promise<Omit<ComparedRun, 'name'>> {
  const path = await resultPath(named, dataDir);
  if (path === null) {
    throw new InputError(
      `There is no run ${named}: neither a file, nor a folder with result.json, nor a report kept below ${dataDir}.`,
      'Give a file that `backtest --json` wrote, or the folder of a report.',
    );
  }
  const text = readOutsideText(path, { bytesMax: BYTES_MAX, remedy: 'Give what `backtest --json` printed.' });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError(`${path} cannot be read as JSON: ${why}`, 'Write it again with `backtest --json`.');
  }
  const parsed = resultSchema.safeParse(document);
  if (parsed.success) return { path, result: parsed.data };
  const [issue] = parsed.error.issues;
  throw new InputError(
    `${path} is no result document: ${issue!.path.join('.') || 'the whole'}: ${issue!.message}`,
    'Give what `backtest --json` printed.',
  );
}

async function resultPath(named: string, dataDir: string): Promise<string | null> {
  for (const path of [named, join(named, 'result.json'), join(dataDir, 'reports', named, 'result.json')]) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) return path;
  }
  return null;
}

/** Names by experiment or strategy; those that repeat are told apart by their place. */
export function namedRuns(runs: readonly Omit<ComparedRun, 'name'>[]): ComparedRun[] {
  const names = runs.map(({ result }) => result.experiment ?? result.strategy);
  return runs.map((run, at) => {
    const name = names[at]!;
    return { ...run, name: names.filter((other) => other === name).length > 1 ? `${name} (${at + 1})` : name };
  });
}
