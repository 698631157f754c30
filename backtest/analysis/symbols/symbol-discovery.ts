import type { SessionResult } from '../../../trading/session-result.ts';
import { falseDiscoveryRates } from './false-discovery.ts';
import { mean } from '../../statistics/moments.ts';
import { gainOf } from '../trade-analysis.ts';
import { probabilisticSharpe, sharpeEvidence } from '../../statistics/significance.ts';

/** A symbol with fewer closed trades says too little of itself. */
const TRADES_MIN = 20;
/** Share of what is named that may be chance. */
const RATE = 0.1;
/** What a symbol alone would be believed at. */
const ALONE = 0.05;

/** What the closed trades of one symbol say, net of their fees. */
interface SymbolEvidence {
  readonly symbol: string;
  readonly trades: number;
  /** Mean over trades of profit over the value at entry. */
  readonly meanReturn: number;
  /** Probability of so good a record without any gain: 1 less the probabilistic Sharpe ratio of the trades. */
  readonly pValue: number;
  /** Smallest false discovery rate at which the symbol is still named. */
  readonly falseDiscoveryRate: number;
}

/** `symbolDiscovery` of the result document. */
export interface SymbolDiscovery {
  readonly rate: number;
  /** Symbols that gained, of which a share of `rate` at most is expected to be chance. */
  readonly named: readonly string[];
  /** Symbols that would be named one by one at 5 %. */
  readonly alone: number;
  /** Symbols with fewer than 20 closed trades. */
  readonly untold: number;
  /** Those with more, the most convincing first. */
  readonly symbols: readonly SymbolEvidence[];
}

/**
 * In which of many symbols a strategy gained. Of a hundred that it gained nothing in, five are significant at 5 %: the
 * false discovery rate is held instead, whatever the symbols have to do with one another. Null for fewer than two
 * symbols with enough trades. It is about profits, not about what is in excess of holding.
 */
export function symbolDiscovery({ ledger, symbols }: Pick<SessionResult, 'ledger' | 'symbols'>): {
  readonly section: SymbolDiscovery | null;
  readonly reasons: readonly string[];
} {
  const returns = new Map<string, number[]>(symbols.map((symbol) => [symbol, []]));
  for (const trade of ledger) if (trade.exitTimeMs !== null) returns.get(trade.symbol)!.push(gainOf(trade));
  const told = [...returns].flatMap(([symbol, own]) => {
    const evidence = own.length < TRADES_MIN ? null : sharpeEvidence(own);
    const surety = evidence === null ? NaN : probabilisticSharpe(evidence);
    return Number.isNaN(surety) ? [] : [{ symbol, trades: own.length, meanReturn: mean(own), pValue: 1 - surety }];
  });
  if (told.length < 2) return { section: null, reasons: [] };
  const rates = falseDiscoveryRates(told.map(({ pValue }) => pValue));
  const rows = told.map((row, at) => ({ ...row, falseDiscoveryRate: rates[at]! }));
  rows.sort((a, b) => a.pValue - b.pValue || (a.symbol < b.symbol ? -1 : 1));
  const section = {
    rate: RATE,
    named: rows.filter(({ falseDiscoveryRate }) => falseDiscoveryRate <= RATE).map(({ symbol }) => symbol),
    alone: rows.filter(({ pValue }) => pValue <= ALONE).length,
    untold: symbols.length - told.length,
    symbols: rows,
  };
  return { section, reasons: [wordsOf(section)] };
}

const NAMED_MAX = 8;

function wordsOf({ named, alone, untold, symbols }: SymbolDiscovery): string {
  const shown = named.slice(0, NAMED_MAX).join(', ') + (named.length > NAMED_MAX ? ', ...' : '');
  const which =
    named.length === 0 ? 'in none can a gain be told from chance' : `gains can be told from chance in ${shown}`;
  const few = untold === 0 ? '' : `; ${untold} have fewer than ${TRADES_MIN} closed trades`;
  return (
    `symbolDiscovery: of ${symbols.length} symbols ${which}, at a false discovery rate of 10 % ` +
    `(Benjamini-Yekutieli); one by one ${alone} would pass at 5 %${few}.`
  );
}
