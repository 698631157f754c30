import { expect, it } from 'vitest';
import { exampleReport } from '../testing/example-report.ts';
import { runExample } from '../testing/example-result.ts';
import { renderReport } from '../report/render-report.ts';
import { terminalText } from '../run/terminal.ts';
import { shortRecordReasons, shortRecordText } from './short-record.ts';

const spanned = (to: string, cagr: number | null = 1) => ({ from: '2020-01-02T21:00:00Z', to, cagr });

it('says from how few days a yearly growth is carried over, up to a year', () => {
  expect(shortRecordText(spanned('2020-01-02T22:00:00Z'))).toBe('less than a day');
  expect(shortRecordText(spanned('2020-01-03T21:00:00Z'))).toBe('1 day');
  expect(shortRecordText(spanned('2020-12-31T21:00:00Z'))).toBe('364 days');
  expect(shortRecordText(spanned('2021-01-01T21:00:00Z'))).toBeNull();
  expect(shortRecordText(spanned('2020-01-03T21:00:00Z', null))).toBeNull();
  expect(shortRecordReasons(spanned('2020-01-06T21:00:00Z'))).toEqual([
    'cagr: carried over to a year from 4 days only; the total return is what was earned.',
  ]);
});

it('stands in reasons, terminal and report', async () => {
  const report = exampleReport(runExample({ bars: 30, randomRuns: 3 }));
  const longer = exampleReport(runExample({ bars: 500, randomRuns: 3 }));
  const shown = async (input: typeof report): Promise<string[]> => [
    input.result.reasons.join('\n'),
    terminalText(input, { color: false, reportPath: null, model: null }),
    await renderReport(input),
  ];
  for (const text of await shown(report)) expect(text).toContain('from 29 days');
  for (const text of await shown(longer)) expect(text).not.toMatch(/from \d+ days/);
});
