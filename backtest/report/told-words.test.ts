import { expect, it } from 'vitest';
import { terminalText } from '../run/terminal.ts';
import { exampleReport } from '../testing/example-report.ts';
import { runExample } from '../testing/example-result.ts';
import { toldWords } from './told-words.ts';
import { refusalGroups } from '../../trading/refusal-groups.ts';

const report = exampleReport(runExample({ bars: 800, randomRuns: 5 }));
const refusal = { timeMs: Date.UTC(2020, 0, 2, 21), symbol: 'EXAMPLE', stage: 'risk', code: 'cash' } as const;
const refused = refusalGroups([{ ...refusal, reason: '12 units cost 13.0 % too much' }]);
const session = { ...report.evaluation.session, refused };

it('the document says what the text says of signals and refusals', () => {
  const text = terminalText(
    { ...report, evaluation: { ...report.evaluation, session } },
    { color: false, reportPath: null, model: null },
  );
  const { lastSignals, refused: told } = toldWords(session);
  expect(told).toEqual([
    {
      ...{ code: 'cash', stage: 'risk', count: 1 },
      latest: { time: '2020-01-02T21:00:00Z', symbol: 'EXAMPLE', reason: '12 units cost 13.0 % too much' },
    },
  ]);
  expect(text).toContain(told[0]!.latest.reason);
  expect(lastSignals).toHaveLength(session.lastSignals.length);
  const newest = lastSignals.at(-1)!;
  expect(text).toContain(`${newest.time.slice(0, 16).replace('T', ' ')}  ${newest.symbol}`);
  expect(newest.reason).not.toBe('');
});
