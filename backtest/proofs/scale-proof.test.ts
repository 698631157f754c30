import { expect, it } from 'vitest';
import { PANEL_PROOF, SCALE_PROOF } from './scale-proof.ts';
import { processorSeconds, stageSeconds } from './stage-watch.ts';

it('reads the seconds of each stage from what progress wrote', () => {
  const lines = [
    'database: applied 20 migrations (to 0082_champion_history)',
    'materialize',
    'materialize: 102300, 10.1k/s',
    'materialize: 165000 rows of 43 features written, 0 already there (14.8 s)',
    'backtest, baselines and statistics',
    'intervals of the scores',
    'intervals of the scores: 99 % (990 of 1000), 98.9/s, 101 ms left',
    'intervals of the scores: 124250 predictions of 2485 bars, 1000 resamples (850 ms)',
    'backtest, baselines and statistics: 55 trades, verdict: none (3 min 05 s)',
  ];
  expect([...stageSeconds(lines.join('\n'))]).toEqual([
    ['materialize', 14.8],
    ['intervals of the scores', 0.85],
    ['backtest, baselines and statistics', 185],
  ]);
});

it.each([
  ['00:00:07', 7],
  ['01:02:03', 3_723],
  ['2-00:00:01', 172_801],
  ['12:34.56', 754.56],
])('reads %s of processor time', (text, seconds) => {
  expect(processorSeconds(text)).toBeCloseTo(seconds, 6);
});

it('holds for time in proportion to rows within its bounds alone', () => {
  const small = { symbols: 50, rows: 165_000, seconds: 25, processorSeconds: 40, peakMb: 900 };
  const holds = (seconds: number, peakMb: number): boolean =>
    SCALE_PROOF.conclude([small, { symbols: 800, rows: 2_640_000, seconds, processorSeconds: 700, peakMb }]).holds;
  expect(holds(400, 3_900)).toBe(true);
  expect(holds(400, 4_200)).toBe(false);
  expect(holds(500, 3_900)).toBe(false);
  const longer = { symbols: 200, rows: 660_000, seconds: 160, processorSeconds: 200, peakMb: 1_500 };
  const slow = SCALE_PROOF.conclude([small, longer]);
  expect(slow).toMatchObject({ holds: false, figures: { '200 symbols': '160 s, 200 s of processor, 1500 MB' } });
});

it('holds for panels that fit into 1.5 GB and went on alone', () => {
  const holds = (peakMb: number, wentOn: boolean): boolean =>
    PANEL_PROOF.conclude([{ label: 'days', rows: 10, kept: 4, wentOn, peakMb }]).holds;
  expect(holds(1_500, true)).toBe(true);
  expect(holds(1_600, true)).toBe(false);
  expect(holds(1_500, false)).toBe(false);
});
