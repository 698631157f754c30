import { describe, expect, it } from 'vitest';
import { plainTable } from './plain-table.ts';

describe('plainTable', () => {
  it('rules the headings alone, puts numbers to the right, and shows that there is nothing', () => {
    const table = plainTable(
      ['symbol', { number: 'quantity' }],
      [
        ['AAPL', 5],
        [null, 1_000],
      ],
    );
    expect(table.split('\n').map((line) => line.trim())).toEqual([
      '┌────────┬──────────┐',
      '│ symbol │ quantity │',
      '├────────┼──────────┤',
      '│ AAPL   │        5 │',
      '│ -      │     1000 │',
      '└────────┴──────────┘',
    ]);
  });

  it('folds sentences at spaces, JSON after commas, and what has neither anywhere, and loses nothing of them', () => {
    const texts = [
      'a sentence of many words '.repeat(6).trim(),
      JSON.stringify(Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`key${at}`, at]))),
      'x'.repeat(200),
    ];
    for (const text of texts) {
      const [, , , ...rows] = plainTable(['n', { words: 'why' }], [[1, text]]).split('\n');
      const lines = rows.slice(0, -1).map((line) => line.split('│')[2]!.trim());
      expect(lines.length).toBeGreaterThan(1);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(64);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }
    const [, , , first] = plainTable([{ words: 'why' }], [[texts[0]!]]).split('\n');
    expect(first).toMatch(/│ (a sentence of many words )*a sentence( of)?( many)?( words)? +│/);
  });
});
