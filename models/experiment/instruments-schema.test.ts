import { expect, it } from 'vitest';
import type { Instrument } from '../../features/instrument.ts';
import { parseYamlText } from '../../infra/files/yaml-file.ts';
import { asTabled, instrumentsSchema } from './instruments-schema.ts';

const plain = (symbol: string): Instrument => {
  return { symbol, assetClass: 'unknown', currency: 'USD', tick: 0.01, lot: 1, sector: null };
};
const table = (text: string) => parseYamlText(instrumentsSchema, text, 'table.yaml');

it('a table says what it says, by symbol or for all the others', () => {
  const rows = table(`
- { symbol: A, lot: 0.1, tick: [{ from: 0, tick: 0.0001 }, { from: 1, tick: 0.01 }], minimumNotional: 10 }
- { symbol: '*', enabled: false, currency: EUR }
`);
  const [a, b] = asTabled([plain('A'), plain('B')], rows);
  const ticks = [
    { from: 0, tick: 0.0001 },
    { from: 1, tick: 0.01 },
  ];
  expect(a).toMatchObject({
    symbol: 'A',
    lot: 0.1,
    tick: 0.01,
    currency: 'USD',
    rules: { ticks, minimumNotional: 10 },
  });
  expect(b).toMatchObject({ symbol: 'B', lot: 1, currency: 'EUR', rules: { enabled: false } });
  const finerAbove = table('- { symbol: A, tick: [{ from: 0, tick: 0.5 }, { from: 10, tick: 0.01 }] }');
  expect(asTabled([plain('A')], finerAbove)[0]!.tick).toBe(0.5);
  const named = [plain('A')];
  expect(asTabled(named, undefined)).toEqual(named);
  expect(asTabled(named, table('- { symbol: A, sector: coins }'))).toEqual([{ ...plain('A'), sector: 'coins' }]);
});

it.each([
  ['- { symbol: A, minimumNotinal: 1 }', /table.yaml.*minimumNotinal.*minimumNotional/s],
  ['- { symbol: A, lot: 0 }', /lot/],
  ['- { symbol: A, tick: [{ from: 1, tick: 1 }] }', /must ascend/],
  ['- { symbol: A, minimumQuantity: 2, maximumQuantity: 1 }', /must not be below minimumQuantity/],
  ['[{ symbol: A }, { symbol: A }]', /names a symbol twice/],
  ['[]', /table.yaml/],
])('%s is refused in words', (text, words) => {
  expect(() => table(text)).toThrow(words);
});

it('a table of other symbols is refused: it would do nothing', () => {
  expect(() => asTabled([plain('A')], table('- { symbol: B, lot: 1 }'))).toThrow(/has B, and none of them is traded/);
});

it('a row of a symbol that is nearly one that is traded is refused: its rules would hold nothing', () => {
  const mistyped = table('- { symbol: MSFT, lot: 1 }\n- { symbol: APPL, enabled: false }');
  expect(() => asTabled([plain('MSFT'), plain('AAPL')], mistyped)).toThrow(
    /names APPL, which is not traded.*AAPL has no row/,
  );
  const whole = table('- { symbol: MSFT, lot: 1 }\n- { symbol: NVDA, enabled: false }\n- { symbol: MSFU, lot: 5 }');
  expect(asTabled([plain('MSFT'), plain('AAPL')], whole)[1]).toEqual(plain('AAPL'));
});
