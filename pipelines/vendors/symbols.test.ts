import { describe, expect, it } from 'vitest';
import { createAlpacaVendor } from './alpaca/alpaca-vendor.ts';
import { createBinanceVendor } from './binance/binance-vendor.ts';
import { polygonTicker } from './polygon/polygon-ticker.ts';
import { pairOf, stockOf } from './symbols.ts';

const clock = (): number => 0;
const binance = createBinanceVendor({ settings: { url: 'http://127.0.0.1:1' }, clock });
const alpaca = createAlpacaVendor({
  settings: { keyId: 'k', secretKey: 's', feed: 'iex', dataUrl: 'http://127.0.0.1:1' } as never,
  clock,
});

describe('symbols', () => {
  it.each(['W/USDT', 'T/USDT', 'S/USDC', '1INCH/USDT', '1000SATS/USDT', 'WUSDT', 'TUSDT', 'SUSDC', '1000CHEEMSUSDT'])(
    'of coins of any length are asked of Binance: %s',
    (symbol) => {
      expect(binance.instrumentOf(symbol)).toMatchObject({ symbol, assetClass: 'crypto' });
    },
  );

  it('of joined pairs are read from their end', () => {
    expect(binance.instrumentOf('USDCUSDT')).toMatchObject({ currency: 'USDT' });
    expect(binance.instrumentOf('BTCUSDT')).toMatchObject({ currency: 'USDT' });
    expect(binance.instrumentOf('USDT')).toBeUndefined();
    expect(binance.instrumentOf('btc/usdt')).toBeUndefined();
  });

  it.each(['T', 'BRK.B', 'BAC.PRL', 'T.PRA', 'WFC.PRA', 'ABC.WS', 'ABC.WS.A', 'ABC.U', 'GOOGL'])(
    'of shares of any kind are asked of Alpaca: %s',
    (symbol) => {
      expect(alpaca.instrumentOf(symbol)).toMatchObject({ symbol, assetClass: 'equity' });
      expect(stockOf(symbol)).toMatchObject({ symbol });
    },
  );

  it.each(['', 'aapl', 'AA PL', 'TOOLONG', 'A/B/C', '.B', 'A.', 'W/', '/USDT'])(
    'that are written like none are refused: %j',
    (symbol) => {
      expect(stockOf(symbol)).toBeUndefined();
      expect(pairOf(symbol)).toBeUndefined();
    },
  );

  it('of preferred shares have a small p at Polygon', () => {
    expect(['BAC.PRL', 'T.PRA', 'ABC.PR', 'BRK.B', 'SPR.PRA', 'W/USD'].map(polygonTicker)).toEqual([
      'BACpL',
      'TpA',
      'ABCp',
      'BRK.B',
      'SPRpA',
      'X:WUSD',
    ]);
  });
});
