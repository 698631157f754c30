import { expect, it } from 'vitest';
import { DailyParity } from './daily-parity.ts';

it('compares once a day is over, up to its last close, one at a time, and says what fails', async () => {
  const asked: number[] = [];
  const notes: string[] = [];
  const waiting: (() => void)[] = [];
  const daily = new DailyParity({
    compare: async (untilMs) => {
      asked.push(untilMs);
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (untilMs > 30) throw new Error('no network');
      return `up to ${untilMs}`;
    },
    dayOf: (closeTimeMs) => Math.floor(closeTimeMs / 10),
    note: (text) => void notes.push(text),
  });
  const end = async (): Promise<void> => {
    waiting.shift()!();
    await daily.end();
  };
  for (const closeMs of [1, 5, 9]) daily.onClose(closeMs);
  expect(asked).toEqual([]);
  daily.onClose(12);
  daily.onClose(15);
  // The one of the first day is under way: that of the second has to wait for the third.
  daily.onClose(21);
  expect(asked).toEqual([9]);
  await end();
  daily.onClose(33);
  expect(asked).toEqual([9, 21]);
  await end();
  daily.onClose(45);
  await end();
  expect(notes).toEqual(['up to 9', 'up to 21', 'parity of the day: no network']);
});
