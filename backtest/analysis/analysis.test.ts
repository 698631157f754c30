import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBarColumns } from '../../features/bar.ts';
import { createRandom } from '../../infra/random.ts';
import { describeWith, REFERENCE_DIR } from '../../infra/testing/requirements.ts';
import type { LedgerEntry } from '../../trading/session-result.ts';
import { EXAMPLE_COSTS, runExample } from '../testing/example-result.ts';
import { sessionOf } from '../testing/example-session.ts';
import { analyse } from './analyse.ts';
import { shuffledTrades } from '../statistics/monte-carlo.ts';
import { ATTRIBUTED, attributionOf } from './attribution.ts';
import { costSensitivity } from './cost-sensitivity.ts';
import { scaledCosts } from './scaled-costs.ts';
import { rerun } from './rerun.ts';
import { excursionOf } from './excursions.ts';
import { tradeReturns } from './monte-carlo-section.ts';
import { perturbBars } from './perturbed-bars.ts';
import { tradeAnalysis } from './trade-analysis.ts';

const HOUR = 3_600_000;

/** Hourly bars with these lows and highs; opens and closes are between. */
function hourly(ranges: readonly (readonly [low: number, high: number])[]) {
  const bars = createBarColumns('A', ranges.length);
  ranges.forEach(([low, high], at) => {
    bars.openTimeMs[at] = at * HOUR;
    bars.closeTimeMs[at] = (at + 1) * HOUR;
    bars.low[at] = low;
    bars.high[at] = high;
    bars.open[at] = bars.close[at] = (low + high) / 2;
  });
  return bars;
}

function trade(over: Partial<LedgerEntry>): LedgerEntry {
  return {
    ...{ symbol: 'A', side: 'long', quantity: 1, entryTimeMs: HOUR, entryPrice: 100 },
    ...{ exitTimeMs: 3 * HOUR, exitPrice: 101, exit: 'signal', pnl: 1, fees: 0 },
    ...over,
  };
}

const near = (value: number): number => expect.closeTo(value, 12) as number;

describe('excursions', () => {
  const bars = hourly([
    [50, 200],
    [98, 103],
    [97, 104],
    [60, 150],
  ]);

  it('are of the bars wholly inside a trade', () => {
    expect(excursionOf(trade({}), bars)).toEqual({ bars: 2, adverse: near(-0.03), favourable: near(0.04) });
    const short = excursionOf(trade({ side: 'short' }), bars);
    expect(short).toEqual({ bars: 2, adverse: near(-0.04), favourable: near(0.03) });
  });

  it('leave out the bar in which a stop was hit, but for its price', () => {
    const stopped = excursionOf(trade({ exit: 'stop-loss', exitPrice: 97.5 }), bars);
    expect(stopped).toMatchObject({ bars: 1, adverse: near(-0.025) });
  });

  it('count an entry at a close from the next bar, and an open trade to the end', () => {
    expect(excursionOf(trade({ entryTimeMs: 2 * HOUR, exitTimeMs: 3 * HOUR }), bars).adverse).toBeCloseTo(-0.03, 12);
    expect(excursionOf(trade({ exitTimeMs: null, exit: null }), bars).favourable).toBe(0.5);
  });
});

describe('trade analysis', () => {
  const ledger = [3, -1, -2, 0, 5, 4, -1].map((pnl) => trade({ pnl }));
  const bars = [
    hourly([
      [1, 2],
      [98, 103],
      [97, 104],
    ]),
  ];
  const session = { ledger, symbols: ['A'] };

  it('counts wins, losses and streaks', () => {
    const { section, reasons } = tradeAnalysis({ session, bars, restated: false });
    expect(section).toMatchObject({
      ...{ closed: 7, wins: 3, losses: 3, averageWin: 4, averageLoss: -4 / 3, payoff: 3 },
      ...{ largestWin: 5, largestLoss: -2, longestWinStreak: 2, longestLossStreak: 3 },
      durationHours: { mean: 2, median: 2, least: 2, most: 2 },
      durationBars: { mean: 2, median: 2, least: 2, most: 2 },
    });
    expect(reasons).toEqual([]);
  });

  it('says why figures are missing', () => {
    expect(tradeAnalysis({ session: { ledger: [], symbols: [] }, bars: [], restated: false }).reasons).toHaveLength(1);
    const won = { ledger: [trade({})], symbols: ['A'] };
    const { section, reasons } = tradeAnalysis({ session: won, bars, restated: true });
    expect(section).toMatchObject({ averageLoss: null, payoff: null, adverseExcursion: null });
    expect(reasons.join()).toContain('no trade lost');
    expect(reasons.join()).toContain('splits or dividends restate prices');
  });
});

describe('attribution', () => {
  it('adds up to the profit in every split, and to the change of equity with what is no trade', () => {
    const { evaluation, options } = runExample({ bars: 600 });
    const { sections } = analyse({ evaluation, plan: options, costs: EXAMPLE_COSTS, random: createRandom(1) });
    const { attribution } = sections;
    const { session } = evaluation;
    for (const name of ATTRIBUTED) {
      const sum = attribution[name].reduce((all, { pnl }) => all + pnl, 0);
      expect(sum, name).toBeCloseTo(attribution.total, 6);
      expect(attribution[name].reduce((all, { trades }) => all + trades, 0)).toBe(session.ledger.length);
    }
    expect(attribution.untraded).toBeCloseTo(0, 4);
    expect(attribution.cost.gross - attribution.cost.fees - attribution.cost.slippage).toBeCloseTo(
      session.equity.at(-1)! - session.initialCapital,
      6,
    );
    expect(attribution.entry.every(({ name }) => name.startsWith('BUY, probability of up 0.'))).toBe(true);
    expect(attribution.regime.map(({ name }) => name)).toContain('not told');
  });

  it('adds up what is too much to show', () => {
    const ledger = Array.from({ length: 100 }, (_, at) => trade({ symbol: `S${at}`, pnl: at - 50 }));
    const session = { ...sessionOf([100, 100, 100]), ledger };
    const { symbol } = attributionOf(session, { entryOf: () => null, regimeOf: () => null });
    expect(symbol).toHaveLength(59);
    expect(symbol.reduce((sum, { trades }) => sum + trades, 0)).toBe(100);
    expect(symbol[0]!.name).toBe('S99');
    expect(symbol[29]!.name).toBe('42 others');
    expect(symbol.at(-1)!.name).toBe('S0');
  });
});

describe('a session taken apart', () => {
  const { evaluation, options } = runExample({ bars: 700, skill: 0.15 });
  const input = { evaluation, plan: options, costs: EXAMPLE_COSTS, random: createRandom(1) };
  const { sections, trace } = analyse({ ...input, monteCarlo: { samples: 200, perturbedRuns: 5 } });

  it('earns less at higher costs, and nothing more at the multiple where it breaks even', () => {
    const { points, breakEvenMultiple, breakEvenBps } = sections.costSensitivity;
    expect(points.map(({ multiple }) => multiple)).toEqual([0, 0.5, 1, 2, 3, 4, 5]);
    const totals = points.map(({ totalReturn }) => totalReturn);
    expect(totals).toEqual(totals.toSorted((a, b) => b - a));
    expect(totals[2]).toBe(evaluation.measured.performance.totalReturn);
    const charged = EXAMPLE_COSTS.feeBps + EXAMPLE_COSTS.halfSpreadBps;
    // By a straight line, and by what one unit of notional may cost: the same to a few per cent.
    if (breakEvenMultiple !== null) expect(breakEvenBps! / charged / breakEvenMultiple).toBeCloseTo(1, 1);
    expect(breakEvenBps!).toBeGreaterThan(charged);
  });

  it('is charged a multiple of a commission too', () => {
    const costs = { commission: { perShare: 0.02, perOrderMin: 1, tiers: [{ from: 1e9, makerBps: 1, takerBps: 2 }] } };
    const session = rerun(options, { costs });
    const { points } = costSensitivity({ plan: options, session, costs, market: evaluation.market }).section;
    const totals = points.map(({ totalReturn }) => totalReturn);
    expect(new Set(totals).size).toBe(7);
    expect(totals).toEqual(totals.toSorted((a, b) => b - a));
    expect(totals[0]).toBe(rerun(options, { costs: {} }).equity.at(-1)! / session.initialCapital - 1);
  });

  it('is paid no larger rebate where trading is dearer, and none where it is free', () => {
    const tiers = [{ from: 1, makerBps: -1, takerBps: 3 }];
    const { commission } = scaledCosts({ commission: { makerBps: -2, makerPerShare: -0.01, perShare: 1, tiers } }, 3);
    expect(commission).toMatchObject({ makerBps: -2, makerPerShare: -0.01, perShare: 3 });
    expect(commission!.tiers).toEqual([{ from: 1, makerBps: -1, takerBps: 9 }]);
    expect(scaledCosts({ commission: { makerBps: -2 } }, 0).commission!.makerBps).toBeCloseTo(0, 12);
  });

  it('earns less the more capital moves prices', () => {
    const { points, impactBps } = sections.capacity!;
    expect(impactBps).toBe(10);
    expect(points.map(({ capital }) => capital / points[0]!.capital)).toEqual([1, 10, 100, 1_000]);
    const totals = points.map(({ totalReturn }) => totalReturn);
    expect(totals).toEqual(totals.toSorted((a, b) => b - a));
    expect(points[1]!.participation! / points[0]!.participation!).toBeGreaterThan(5);
  });

  it('has other luck in its trades, blocks and prices', () => {
    const { shuffledTrades, resampledTrades, blocks, perturbedBars } = sections.monteCarlo!;
    const total = tradeReturns(evaluation.session).reduce((all, value) => all * (1 + value), 1) - 1;
    expect(shuffledTrades!.totalReturn.p50).toBeCloseTo(total, 10);
    expect(resampledTrades!.samples).toBe(200);
    expect(blocks!.maxDrawdown.p05).toBeLessThan(blocks!.maxDrawdown.p95);
    expect(perturbedBars).toMatchObject({ samples: 5, perturbBps: 10 });
    expect(perturbedBars!.tradesFrom).toBeGreaterThan(0);
  });

  it('traces orders to their signals and fills', () => {
    const entry = trace.orders.find(({ fills, order }) => fills.length > 0 && !order.reduces)!;
    expect(entry.signal).toMatchObject({ action: 'BUY' });
    expect(entry.fills[0]!.timeMs).toBeGreaterThan(entry.order.timeMs);
    const opened = evaluation.session.ledger.find(({ entryTimeMs }) => entryTimeMs === entry.fills[0]!.timeMs)!;
    expect(trace.entryOf(opened)).toContain('probability of up');
  });

  it('is the same for the same input', () => {
    const again = analyse({ ...input, monteCarlo: { samples: 200, perturbedRuns: 5 } });
    expect(again.sections).toEqual(sections);
  });
});

describe('a session of more bars than are run again', () => {
  it('is told without the runs, and says so', () => {
    const { evaluation, options } = runExample();
    const many = { ...options, bars: [{ ...options.bars[0]!, length: 1_000_001 }] };
    const { session, market } = evaluation;
    const costed = costSensitivity({ plan: many, session, costs: EXAMPLE_COSTS, market });
    expect(costed.section.points.map(({ multiple }) => multiple)).toEqual([1]);
    expect(costed.section.breakEvenMultiple).toBeNull();
    expect(costed.section.breakEvenBps).not.toBeNull();
    expect(costed.reasons).toEqual([expect.stringMatching(/1000001 bars .* 1000000 only/)]);
  });
});

describe('perturbed bars', () => {
  it('stay bars: highs above and lows below, times and volumes as they were', () => {
    const bars = runExample({ bars: 300 }).options.bars[0]!;
    const moved = perturbBars(bars, { bps: 30, random: createRandom(3) });
    for (let at = 0; at < bars.length; at++) {
      expect(moved.high[at]).toBeGreaterThanOrEqual(Math.max(moved.open[at]!, moved.close[at]!));
      expect(moved.low[at]).toBeLessThanOrEqual(Math.min(moved.open[at]!, moved.close[at]!));
      expect(Math.abs(moved.close[at]! / bars.close[at]! - 1)).toBeLessThan(0.02);
    }
    expect(moved.closeTimeMs).toBe(bars.closeTimeMs);
    expect(perturbBars(bars, { bps: 0, random: createRandom(3) }).close).toEqual(bars.close);
  });
});

interface GrademarkTrade {
  readonly entryTime: string;
  readonly entryPrice: number;
  readonly exitTime: string;
  readonly exitPrice: number;
  readonly profit: number;
}

describeWith('reference', 'trades that Grademark analysed', () => {
  const folder = join(REFERENCE_DIR, 'grademark');
  const read = <T>(path: string): T => JSON.parse(readFileSync(join(folder, path), 'utf8')) as T;

  it.each(['only-losses', 'only-profits', 'profits-and-losses'])('%s give its figures', (name) => {
    const file = name.startsWith('only') ? `trades-all-${name.slice(5)}` : `trades-${name}`;
    const { values } = read<{ values: GrademarkTrade[] }>(`data/${file}.dataframe.json`);
    const expected = read<Record<string, number>>(
      `expected/analyze-${name.startsWith('only') ? name : `with-${name}`}.json`,
    );
    const ledger = values.map(({ entryTime, exitTime, entryPrice, exitPrice, profit }) =>
      trade({
        entryPrice,
        exitPrice,
        pnl: profit,
        entryTimeMs: Date.parse(entryTime),
        exitTimeMs: Date.parse(exitTime),
      }),
    );
    const session = { ...sessionOf([10_000]), ledger };
    const { side } = attributionOf(session, { entryOf: () => null, regimeOf: () => null });
    expect(side[0]).toMatchObject({ trades: expected.totalTrades! });
    expect(side[0]!.winRate! * 100).toBeCloseTo(expected.percentProfitable!, 9);
    // Grademark compounds: a trade of all the capital made its growth.
    const whole = values.map(({ entryPrice, exitPrice }) => exitPrice / entryPrice - 1);
    const path = shuffledTrades(Float64Array.from(whole), { random: createRandom(1), samples: 5 })!;
    expect(path.totalReturn.p50 + 1).toBeCloseTo(expected.growth!, 9);
  });
});
