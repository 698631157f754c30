import { expect, it } from 'vitest';
import { barsCsv } from '../../pipelines/bars/bars-csv.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { scratchFiles } from '../../pipelines/testing/scratch-files.ts';
import { checkedExperiment } from '../experiment/checked-experiment.ts';
import { requireEnoughBars } from './require-enough-bars.ts';

const { file } = scratchFiles('enough-bars');
const all = [...barsCsv([plantedBars({ bars: 1400, seed: 5, symbol: 'X', calendar: calendarNamed('none') })])]
  .join('')
  .split('\n');
const check = (bars: number) =>
  checkedExperiment(
    'models/experiments/default.yaml',
    { barsFiles: [file(all.slice(0, bars + 1).join('\n'), `x${bars}.csv`)] },
    requireEnoughBars,
  );

it('a file that is too short is named with its bars and how many there must be, and those suffice', async () => {
  for (const held of [30, 300]) {
    const refused = check(held);
    await expect(refused).rejects.toThrow(new RegExp(`x${held}\\.csv holds ${held} bars, of which \\d+ have features`));
    await expect(refused).rejects.toThrow(/needs at least 1312 bars: splits\.trainBars 1250, 61 without/);
  }
  await expect(check(1311)).rejects.toThrow(/needs at least 1312/);
  await expect(check(1312)).resolves.toBeDefined();
});
