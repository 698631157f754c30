import { describe, expect, it } from 'vitest';
import { DAYS, dialectFiles, values } from './testing/dialect-files.ts';

const { read } = dialectFiles('volume-names');

/** Bars with two more columns, the first of which counts what was traded; the second counts money. */
const table = (first: string, second: string, symbol = ''): string =>
  [
    `date,${symbol === '' ? '' : 'symbol,'}open,high,low,close,${first},${second}`,
    ...DAYS.map((day, i) => [day, ...(symbol === '' ? [] : [symbol]), ...values(i), 9e6].join(',')),
  ].join('\n');

describe('the column of the volume', () => {
  it.each([
    ['volumefrom', 'volumeto'],
    ['Volume BTC', 'Volume USDT'],
    ['Volume ETH', 'Volume USD'],
    ['vol', 'turnover'],
    ['qty', 'amount'],
    ['Quantity', 'Value'],
    ['Volume', 'Quote asset volume'],
    ['Volume (BTC)', 'Volume (USD)'],
  ])('is %s beside %s', async (first, second) => {
    const { universe, taken } = await read(table(first, second));
    expect([...universe[0]!.volume]).toEqual([1000, 2000, 3000, 4000]);
    expect(taken.notes.join()).not.toMatch(/volume/);
  });

  it('is the one that the symbol begins with where both are coins', async () => {
    const { universe } = await read(table('Volume ETH', 'Volume BTC', 'ETH/BTC'));
    expect(universe[0]!.volume[3]).toBe(4000);
  });

  it.each(['Umsatz', 'turnover', 'volumeto', 'Volume USDT', 'amount'])(
    'is not guessed: %s is named, and taken where it is said',
    async (name) => {
      const { universe, taken } = await read(table(name, 'trades'));
      expect(universe[0]!.volume[0]).toBe(0);
      expect(taken.notes.join()).toContain(`where "${name}" is it: --columns volume=${name}.`);
      const said = await read(table(name, 'trades'), { dialect: { columns: `volume=${name}` } });
      expect(said.universe[0]!.volume[0]).toBe(1000);
    },
  );
});

it.each([
  ['BINANCE_BTCUSDT, 60.csv', 'BTCUSDT', 365],
  ['NASDAQ_MSFT, 1D (1).csv', 'MSFT', 252],
  ['A, B.csv', 'A, B', 252],
])('a chart saved as %s is of %s', async (name, symbol, daysPerYear) => {
  const { taken } = await read(table('Volume', 'Volume MA').split('\n').slice(0, 3).join('\n'), {}, name);
  expect(taken).toMatchObject({ symbol, daysPerYear });
});
