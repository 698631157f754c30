import { describe, expect, it } from 'vitest';
import { none } from '../calendars/always-open.ts';
import { scratchFiles } from '../testing/scratch-files.ts';
import { fileQuality } from './file-quality.ts';

const { file } = scratchFiles('fault-kinds');
const HEADER = 'time,open,high,low,close,volume\n';
const days = Array.from({ length: 60 }, (_, i) => new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10));
const findings = async (rows: readonly string[]) => {
  const { series } = await fileQuality(file(HEADER + rows.join('\n')), { calendar: none });
  return series.map(({ findings: all, errors }) => ({ all, errors }));
};

describe('rows that share a trouble', () => {
  it('are one finding with its lines and the remedy where no time can be read', async () => {
    const [one] = await findings(days.map((day, i) => `Q${1 + (i % 4)} week ${day.slice(8)},1,1,1,1,1`));
    expect(one!.errors).toBe(60);
    expect(one!.all).toHaveLength(1);
    expect(one!.all[0]!.message).toMatch(/^time "Q1 week 01" is not a time.* 60 rows like it: lines 2-61\./);
    expect(one!.all[0]!.message).toContain('--time-format');
    expect(one!.all[0]).toMatchObject({ bars: 60, place: { line: 2 } });
  });

  it('are one finding a kind where values are missing, and told apart where they are few', async () => {
    const [one] = await findings(
      days.map((day, i) => `${day},1,1,1,${i % 2 === 0 && i > 3 ? 'n/a' : '1'},${i === 7 ? '' : '1'}`),
    );
    const messages = one!.all.filter(({ check }) => check === 'not-a-number').map(({ message }) => message);
    expect(messages).toHaveLength(2);
    expect(messages[0]).toMatch(/^close is "n\/a", not a finite number\. 28 rows like it: lines 6, 8, 10, /);
    expect(messages[1]).toBe('volume is empty.');
  });
});
