import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { exampleReport } from '../testing/example-report.ts';
import { runExample } from '../testing/example-result.ts';
import type { ReportInput } from '../report/report-input.ts';
import { terminalText } from './terminal.ts';
import { refusalGroups } from '../../trading/refusal-groups.ts';

const input = exampleReport(runExample({ bars: 800, randomRuns: 5 }));
const refusal = {
  timeMs: Date.UTC(2020, 0, 2, 21),
  symbol: 'EXAMPLE',
  stage: 'risk',
  reason: 'position 12.0 % over 10.0 %',
} as const;
const session = {
  ...input.evaluation.session,
  refused: refusalGroups([
    { ...refusal, code: 'stale' },
    { ...refusal, code: 'position-limit' },
    { ...refusal, code: 'position-limit' },
  ]),
};
const refused: ReportInput = { ...input, evaluation: { ...input.evaluation, session } };
const options = {
  color: false,
  reportPath: '.signalbox/report.html',
  model: ['example-daily version 3, the champion'],
};

describe('terminal text', () => {
  const text = terminalText(refused, options);

  it('tells the whole story in order', () => {
    const parts = [
      'example-daily',
      'Out-of-sample scores',
      'The strategy beside its baselines',
      'Last signals',
      'Refused',
      'Verdict:',
      'Report',
      'Model',
    ];
    const at = parts.map((part) => text.indexOf(part));
    expect(at.every((position) => position >= 0)).toBe(true);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    for (const reason of refused.result.reasons) expect(text.replace(/\s+/g, ' ')).toContain(reason);
  });

  it('calls figures net only where something was charged', () => {
    expect(text).toContain('The strategy beside its baselines, net of all costs, in USD');
    expect(terminalText({ ...refused, costs: {} }, options)).toContain(
      'baselines, before costs, since none were charged',
    );
  });

  it('groups refusals, most frequent first, with counts', () => {
    expect(text).toMatch(/position-limit +2 .*position 12\.0 %[^]*stale +1/);
    expect(text).toContain('Refused: 3 signals and orders');
  });

  it('stays within 100 columns, without colour or trailing space', () => {
    for (const line of text.split('\n')) {
      expect(line.length, line).toBeLessThanOrEqual(100);
      expect(line).toBe(line.trimEnd());
    }
    expect(stripVTControlCharacters(text)).toBe(text);
  });

  it('says the same with colour', () => {
    const colored = terminalText(refused, { ...options, color: true });
    expect(colored).not.toBe(text);
    const squeezed = (value: string): string => stripVTControlCharacters(value).replace(/ +$/gm, '');
    expect(squeezed(colored)).toBe(text);
  });

  it('lets no text from outside control the terminal', () => {
    const nasty = '\u001b[2Jgone\u009b31m\n';
    const attacked = { ...refused, title: nasty, data: { ...refused.data, title: nasty } };
    expect(terminalText(attacked, options)).not.toMatch(/\u001b|\u009b/);
  });

  it('leaves out what a rule strategy does not have', () => {
    const result = { ...input.result, folds: undefined, outOfSample: undefined };
    const rule = terminalText({ ...input, result }, { color: false, reportPath: null, model: null });
    expect(rule).not.toContain('Out-of-sample scores');
    expect(rule).not.toContain('Model');
    expect(rule).toContain('Verdict: evidence');
  });
});
