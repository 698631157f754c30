import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import type { LedgerEntry } from '../../../trading/session-result.ts';
import { symbolDiscovery } from './symbol-discovery.ts';

const random = createRandom('symbols');

function trades(symbol: string, count: number, gain: number): LedgerEntry[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ symbol, side: 'long' as const, quantity: 10, entryTimeMs: at, entryPrice: 50, exitTimeMs: at + 1 },
    ...{ exitPrice: 50, exit: 'signal' as const, pnl: 500 * (gain + 0.01 * random.normal()), fees: 0 },
  }));
}

describe('symbolDiscovery', () => {
  it('names the symbols that gained, and fewer than are significant one by one', () => {
    const symbols = Array.from({ length: 60 }, (_, at) => `S${String(at).padStart(2, '0')}`);
    const ledger = symbols.flatMap((symbol, at) => trades(symbol, 100, at < 3 ? 0.006 : 0));
    const { section, reasons } = symbolDiscovery({ ledger, symbols });
    expect([...section!.named].sort()).toEqual(['S00', 'S01', 'S02']);
    expect(section!.alone).toBeGreaterThan(3);
    expect(section!.symbols).toHaveLength(60);
    expect(
      section!.symbols
        .slice(0, 3)
        .map(({ symbol }) => symbol)
        .sort(),
    ).toEqual(['S00', 'S01', 'S02']);
    expect(section!.symbols.find(({ symbol }) => symbol === 'S01')!.meanReturn).toBeCloseTo(0.006, 2);
    expect(reasons).toEqual([
      expect.stringMatching(/^symbolDiscovery: of 60 symbols gains can be told from chance in S0\d, S0\d, S0\d, at/),
    ]);
  });

  it('leaves out what is open and who traded too little, and says so', () => {
    const open = trades('B', 30, 0.02).map((trade) => ({ ...trade, exitTimeMs: null }));
    const ledger = [...trades('A', 25, 0), ...open, ...trades('C', 19, 0.02), ...trades('D', 20, -0.02)];
    const { section, reasons } = symbolDiscovery({ ledger, symbols: ['A', 'B', 'C', 'D', 'E'] });
    expect(section!.symbols.map(({ symbol, trades: count }) => [symbol, count])).toEqual([
      ['A', 25],
      ['D', 20],
    ]);
    expect(section).toMatchObject({ named: [], untold: 3 });
    expect(reasons[0]).toMatch(/in none can a gain be told from chance.*; 3 have fewer than 20 closed trades\.$/);
  });

  it('says nothing of a single symbol', () => {
    expect(symbolDiscovery({ ledger: trades('A', 50, 0.01), symbols: ['A'] })).toEqual({ section: null, reasons: [] });
    expect(symbolDiscovery({ ledger: [], symbols: ['A', 'B'] }).section).toBeNull();
  });
});
