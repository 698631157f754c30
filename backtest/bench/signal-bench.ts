import { barAt, sliceBarColumns } from '../../features/bar.ts';
import { computeFeatures, FeatureStream } from '../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { buildDataset } from '../../models/training/build-dataset.ts';
import { loadEnsemble } from '../../models/ensemble/ensemble-model.ts';
import { rollingPredictor } from '../../models/ensemble/rolling-rows.ts';
import { loadExperiment } from '../../models/experiment/load-experiment.ts';
import { experimentWindow } from '../../models/registry/experiment-window.ts';
import { trainFinal } from '../../models/training/fold/train-fold.ts';
import { modelSignal } from '../../trading/strategies/model-signals.ts';
import type { BenchmarkResult } from './benchmark-result.ts';
import { panelBars } from './peer-data.ts';

const TRAINED_BARS = 1_500;
const MEASURED_BARS = 3_000;

/**
 * Latency from a closed bar to its signal: the streaming features of the default experiment, its ensemble and its
 * thresholds, one bar at a time. The ensemble is trained first on the bars before.
 */
export async function benchSignal(now: () => number): Promise<BenchmarkResult[]> {
  const experiment = loadExperiment('default');
  const [bars] = panelBars(1, TRAINED_BARS + MEASURED_BARS);
  const set = parseFeatureSet(experiment.features, { timeframe: '1d', symbols: [bars!.symbol] });
  const window = experimentWindow(experiment);
  const history = sliceBarColumns(bars!, 0, TRAINED_BARS);
  const { dataset } = buildDataset({ matrices: computeFeatures(set, [history]), bars: [history], experiment, window });
  const { ensemble } = await trainFinal(dataset, experiment);
  const model = await loadEnsemble(ensemble);
  const stream = new FeatureStream(set, [bars!.symbol]);
  const row = new Float64Array(set.columns.length);
  const ask = rollingPredictor(model, 1);
  const micros = new Float64Array(MEASURED_BARS);
  const actions = { BUY: 0, SELL: 0, HOLD: 0 };
  for (let index = 0; index < bars!.length; index++) {
    const bar = barAt(bars!, index);
    const started = now();
    stream.advance(bar.closeTimeMs, [bar]);
    if (index <= TRAINED_BARS - model.window) continue;
    stream.copyRow(0, row);
    const answer = ask(0, row);
    if (answer.kind === 'refusal') continue;
    const signal = modelSignal(answer.probability, experiment.signals);
    micros[index - TRAINED_BARS] = (now() - started) * 1000;
    actions[signal.action]++;
  }
  model.dispose();
  micros.sort();
  const quantile = (share: number): number => micros[Math.floor(share * (MEASURED_BARS - 1))]!;
  return [
    {
      name: 'signal',
      work: 'bar in, signal out, default ensemble',
      seconds: quantile(0.5) / 1e6,
      runs: MEASURED_BARS,
      rate: quantile(0.5),
      unit: 'us median',
      checks: { p99Us: quantile(0.99), p999Us: quantile(0.999), ...actions },
    },
  ];
}
