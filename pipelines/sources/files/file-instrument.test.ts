import { describe, expect, it } from 'vitest';
import { fileInstrument } from './file-instrument.ts';

describe('the instrument of a file', () => {
  it.each(['BTC/USDT', 'BTCUSDT', 'BTC-USD', 'W/USDT', '1000SATSUSDC', 'ETH-BTC'])(
    'trades %s in fractions, as a coin',
    (symbol) => {
      const { assetClass, lot } = fileInstrument(symbol, { calendar: 'none' });
      expect({ assetClass, lot }).toEqual({ assetClass: 'crypto', lot: 1e-8 });
    },
  );

  it.each(['MSFT', 'BRK-B', 'SPX', 'EURUSD', 'USD', 'AAPL.US'])('trades %s whole', (symbol) => {
    expect(fileInstrument(symbol, { calendar: 'us-equities' })).toMatchObject({ assetClass: 'unknown', lot: 1 });
  });

  it('takes what trades day and night for a coin, and any lot that is given', () => {
    expect(fileInstrument('X', { calendar: 'crypto' }).lot).toBe(1e-8);
    expect(fileInstrument('BTC/USDT', { calendar: 'crypto', lot: 0.01 }).lot).toBe(0.01);
    expect(fileInstrument('MSFT', { calendar: 'none', lot: 0.5 }).lot).toBe(0.5);
  });
});
