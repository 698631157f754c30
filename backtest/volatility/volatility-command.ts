import type { FeatureMatrix } from '../../features/feature-matrix.ts';
import type { GarchFit } from '../../features/fitted/garch.ts';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { exportFormat } from '../../infra/export/export-format.ts';
import type { Cell, ExportColumn } from '../../infra/export/export-table.ts';
import { writeExport } from '../../infra/export/write-export.ts';
import { createRandom } from '../../infra/random.ts';
import { plainTable } from '../../infra/terminal/plain-table.ts';
import { fileFeatures, type FileFeaturesOptions } from '../../pipelines/commands/file-features.ts';
import { takenText } from '../../pipelines/sources/files/taken.ts';
import { decimal, percent, plural, probability } from '../number-format.ts';
import { parseWhole } from '../run/number-options.ts';
import {
  CONFIDENCE,
  forecastFeatures,
  forecastModels,
  SCORED_MIN,
  scoredBars,
  scoreForecasts,
  type ForecastPlan,
  type SymbolScore,
} from './score-forecasts.ts';

/** Options of `volatility`. */
export interface VolatilityOptions extends Omit<FileFeaturesOptions, 'bars'> {
  readonly bars?: string;
  readonly window: string;
  readonly every: string;
  readonly realised: string;
  readonly seed: string;
  readonly out?: string;
}

/**
 * `volatility`: forecasts of the variance of each bar of a file by several models, walked forward, scored, and the one
 * for the bar after the last. @throws InputError for options and files that are not in order
 */
export async function volatilityCommand(context: CommandContext, options: VolatilityOptions): Promise<CommandOutput> {
  const { bars, out, seed } = options;
  if (bars === undefined) {
    throw new InputError('volatility needs --bars.', 'As in: signalbox volatility --bars FILE.');
  }
  const plan = planOf(options);
  const random = createRandom(parseWhole(seed, '--seed'));
  if (out !== undefined) exportFormat(out);
  const features = forecastFeatures(plan).join(',');
  const { matrices, set, taken } = await fileFeatures(context, { ...options, bars }, { features, out });
  for (const { symbol, length } of matrices) requireBars(symbol, length, plan);
  const symbols = matrices.map((matrix) => scoreForecasts(matrix, plan, random.fork(matrix.symbol)));
  if (out !== undefined) {
    const hashes = { features: set.hash };
    const of = { kind: 'file', id: bars } as const;
    await writeExport(out, forecastTable(matrices, plan), {
      ...{ what: 'volatility forecasts', of, hashes, writtenAtMs: context.clock() },
    });
  }
  const value = { ...plan, confidence: CONFIDENCE, symbols, ...(out === undefined ? {} : { out }), taken };
  return { value, text: () => [...symbols.map((one) => symbolText(one, plan)), takenText(taken)].join('\n') };
}

function planOf({ window, every, realised }: VolatilityOptions): ForecastPlan {
  if (realised !== 'range' && realised !== 'returns') {
    throw new InputError(`--realised ${realised} is no measure of variance.`, 'Write range or returns.');
  }
  const plan = { window: parseWhole(window, '--window'), every: parseWhole(every, '--every'), of: realised } as const;
  if (plan.window < WINDOW_MIN || plan.window > BARS_MAX) {
    throw new InputError(`--window ${window} is not from ${WINDOW_MIN} to ${BARS_MAX}.`, 'Correct the value.');
  }
  if (plan.every >= 1 && plan.every <= BARS_MAX) return plan;
  throw new InputError(`--every ${every} is not from 1 to ${BARS_MAX}.`, 'Correct the value.');
}

/** What the features take. */
const WINDOW_MIN = 60;
const BARS_MAX = 100_000;

function requireBars(symbol: string, length: number, { window }: ForecastPlan): void {
  const least = window + 1 + SCORED_MIN;
  if (length >= least) return;
  const remedy = length > WINDOW_MIN + SCORED_MIN ? 'Give a smaller --window, or more bars.' : 'Give more bars.';
  throw new InputError(
    `${symbol} has ${length} bars: a --window of ${window} needs ${least} for ${SCORED_MIN} scored forecasts.`,
    remedy,
  );
}

function symbolText(score: SymbolScore, { of, window, every }: ForecastPlan): string {
  const measure = of === 'range' ? 'gap and range of each bar' : 'squared return of each bar';
  const head = `${score.symbol}: ${plural(score.scored, 'forecast')}, ${day(score.from)} to ${day(score.to)}`;
  const how = `fitted every ${plural(every, 'bar length')} on the last ${plural(window, 'bar')}, scored by the ${measure}`;
  const table = plainTable(
    ['model', { number: 'QLIKE' }, { number: 'MSE' }, { number: 'p' }, `in ${percent(CONFIDENCE, 0)} set`, NEXT],
    score.models.map(({ name, qlike, mse, confidence, inSet, nextVolatility }) => [
      name,
      decimal(qlike, 4),
      mse === null ? null : mse.toExponential(3),
      probability(confidence),
      inSet === null ? null : inSet ? 'yes' : 'no',
      percent(nextVolatility, 3),
    ]),
  );
  return [`${head}; ${how}`, table, verdictOf(score), stateText(score), ...garchText(score.garch, window)].join('\n');
}

function stateText({ turbulent, turbulentShare, switches }: SymbolScore): string {
  const past = `${percent(turbulentShare, 0)} of these bars began in the turbulent one of two states`;
  return `${past} (${plural(switches, 'switch', 'switches')}); its probability after the last bar is ${probability(turbulent)}.`;
}

/** What is kept of a shock and of the variance before, with standard errors where there are any. */
function garchText(fit: GarchFit | null, window: number): string[] {
  if (fit === null) return [];
  const error = (name: 'alpha' | 'beta'): string =>
    fit.standardErrors === null ? '' : ` ± ${decimal(fit.standardErrors[name], 3)}`;
  const shares = `alpha ${decimal(fit.alpha, 3)}${error('alpha')}, beta ${decimal(fit.beta, 3)}${error('beta')}`;
  return [`GARCH(1,1) of the last ${plural(window, 'return')}: ${shares}.`];
}

const NEXT = { number: 'next bar' } as const;
const day = (time: string): string => time.slice(0, 10);

/** Which models cannot be told apart, in a sentence. */
function verdictOf({ models }: SymbolScore): string {
  const best = models.filter(({ inSet }) => inSet === true).map(({ name }) => name);
  if (best.length === 0) return 'No model can be scored: each forecast a variance of 0.';
  if (best.length === 1) return `${best[0]} is better than the others.`;
  const named = `${best.slice(0, -1).join(', ')} and ${best.at(-1)}`;
  return `${named} cannot be told apart at ${percent(CONFIDENCE, 0)}.`;
}

/** A row per scored bar and one for the bar after the last: what was forecast for it, what came, the state before. */
function forecastTable(matrices: readonly FeatureMatrix[], plan: ForecastPlan) {
  const models = forecastModels(plan);
  const fraction = { kind: 'number', unit: 'fraction' } as const;
  const columns: ExportColumn[] = [
    { name: 'time', kind: 'time', unit: null },
    { name: 'symbol', kind: 'text', unit: null },
    ...models.map(({ name }) => ({ name, ...fraction })),
    { name: 'realised', ...fraction },
    { name: 'turbulent', kind: 'number', unit: 'probability' },
  ];
  return { columns, portions: matrices.map((matrix) => forecastRows(matrix, plan)) };
}

/** Times are the closes of the bars at which forecasts were made. */
function forecastRows(matrix: FeatureMatrix, plan: ForecastPlan): Cell[][] {
  const { symbol, columns, length, closeTimeMs, values } = matrix;
  const { first, forecasts, realised, turbulent } = scoredBars(matrix, plan);
  const last = (column: number): number => values[(length - 1) * columns.length + column]!;
  const rows = Array.from(realised, (variance, i): Cell[] => [
    ...[closeTimeMs[first - 1 + i]!, symbol],
    ...forecasts.map((column) => Math.sqrt(column[i]!)),
    ...[Math.sqrt(variance), turbulent[i]!],
  ]);
  const models = forecasts.map((_, k) => last(k));
  return [...rows, [closeTimeMs[length - 1]!, symbol, ...models, null, last(models.length + 1)]];
}
