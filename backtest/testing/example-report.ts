import { EXAMPLE_COSTS, type Example } from './example-result.ts';
import { createRandom } from '../../infra/random.ts';
import type { ReportInput } from '../report/report-input.ts';
import { analyse } from '../analysis/analyse.ts';
import { backtestResult } from '../judgement/result.ts';
import { historyOf } from '../judgement/trial-history.ts';

/** The report input of an example run, as an experiment on simulated bars gives it. */
export function exampleReport({ evaluation, options, walkForward }: Example): ReportInput {
  const random = createRandom(7);
  const analysis = analyse({ evaluation, plan: options, costs: EXAMPLE_COSTS, random: random.fork('analysis') });
  const result = backtestResult({
    evaluation,
    history: historyOf([evaluation.record]),
    experiment: 'example-daily',
    strategy: { name: options.strategy.name, parameters: options.strategy.parameters },
    random,
    walkForward,
    costs: EXAMPLE_COSTS,
    analysis,
  });
  return {
    title: 'example-daily',
    description: 'One-day direction of a simulated index, forecast by a model of known skill',
    result,
    evaluation,
    data: {
      title: 'Simulated daily bars of one symbol, seed 1',
      statement: 'Made by this project from a seed; these prices were never traded anywhere.',
      url: null,
      simulated: true,
      timeframe: '1d',
    },
    costs: EXAMPLE_COSTS,
    currency: 'USD',
    source: 'name: example-daily\nuniverse:\n  - EXAMPLE\nsignals:\n  buyAbove: 0.52\n  sellBelow: 0.48\nseed: 7\n',
    identification: [
      { label: 'Experiment hash', value: '5f'.repeat(32) },
      { label: 'Data hash', value: 'a1'.repeat(32) },
      { label: 'Feature set hash', value: 'c3'.repeat(32) },
      { label: 'Seed', value: '7' },
      { label: 'TensorFlow backend', value: 'wasm' },
      { label: 'Node', value: 'v20.19.0' },
    ],
    writtenAtMs: null,
    analysis,
  };
}
