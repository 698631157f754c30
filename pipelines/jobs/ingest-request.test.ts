import { describe, expect, it } from 'vitest';
import { askedIngest, ingestOptionsOf, ingestRequestSchema } from './ingest-request.ts';

const file = { name: 'AAA.csv', text: 'time,open,high,low,close,volume\n' };
const mistakes = (body: object): string[] =>
  ingestRequestSchema.safeParse(body).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('a request for bars', () => {
  it('names a vendor or sends a file, never both or neither', () => {
    expect(mistakes({ vendor: 'sample' })).toEqual([]);
    expect(mistakes({ file })).toEqual([]);
    expect(mistakes({})).toEqual(['vendor']);
    expect(mistakes({ vendor: 'sample', file })).toEqual(['vendor']);
  });

  it('names no path of the machine', () => {
    expect(mistakes({ file: { ...file, name: '../AAA.csv' } })).toEqual(['file.name']);
    expect(mistakes({ file: { ...file, name: '/etc/passwd' } })).toEqual(['file.name']);
    expect(mistakes({ vendor: 'sample', path: '/etc/passwd' })).toEqual(['']);
  });

  it('is kept without the text of the file, and read from where that was put', () => {
    const asked = askedIngest(ingestRequestSchema.parse({ file, symbol: 'AAA', revise: true }));
    expect(asked).toEqual({ file: { name: 'AAA.csv', characters: 32 }, symbol: 'AAA', revise: true });
    expect(ingestOptionsOf(asked, '/made/up/AAA.csv')).toEqual({
      vendor: 'csv',
      path: '/made/up/AAA.csv',
      symbol: 'AAA',
      revise: true,
    });
    expect(ingestOptionsOf({ vendor: 'sample', to: '2024-01-05' })).toEqual({ vendor: 'sample', to: '2024-01-05' });
  });
});
