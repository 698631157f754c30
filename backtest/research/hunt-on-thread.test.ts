import { expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { experimentSchema } from '../../models/experiment/experiment.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import huntOnThread, { huntRandom, type HuntedPart, type HuntJob } from './hunt-on-thread.ts';
import { huntInFeatures, mergeHunts, type HuntAtCuts } from './look-ahead.ts';

const symbols: [string, ...string[]] = ['AAA', 'BBB', 'CCC'];
const calendar = calendarNamed('us-equities');
const bars = symbols.map((symbol, s) => plantedBars({ symbol, bars: 400, seed: 3 + s, correlation: 0 }));

it.each([
  ['symbol by symbol', ['return(1)', 'rsi(14)'], 3],
  ['all together where a feature compares symbols', ['return(1)', 'beta(BBB,20)'], 1],
] as const)('finds what one thread finds, %s', (_, features, parts) => {
  const experiment = experimentSchema.parse({ name: 'hunt', universe: symbols, features: [...features] });
  const whole = huntInFeatures({ experiment, bars, calendar }, { cuts: 2, random: huntRandom(experiment) });
  const control = new Int32Array(new SharedArrayBuffer(8));
  const actions = bars.map(() => []);
  const job: HuntJob = { experiment, bars, actions, calendar: calendar.name, cutsMs: whole.cuts, control };
  const found: HuntAtCuts[] = [];
  huntOnThread(job, (one: HuntedPart) => void (found[one.part] = one.found));
  expect(found).toHaveLength(parts);
  expect(mergeHunts(whole.cuts, found)).toEqual(whole);
  expect(whole.compared.labels).toBeGreaterThan(100);
});

it('stops when the work is given up', () => {
  const experiment = experimentSchema.parse({ name: 'hunt', universe: symbols, features: ['return(1)'] });
  const control = Int32Array.of(0, 1);
  let posted = 0;
  const actions = bars.map(() => []);
  huntOnThread({ experiment, bars, actions, calendar: calendar.name, cutsMs: [], control }, () => void posted++);
  expect(posted).toBe(0);
  expect(createRandom(experiment.seed).fork('leakage hunt').next()).toBe(huntRandom(experiment).next());
});
