import { describe, expect, it } from 'vitest';
import { costsSchema } from '../../../models/experiment/costs-schema.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { runHistoricalSession } from '../../sessions/historical-session.ts';
import type { SessionResult } from '../../session-result.ts';
import { createRuleStrategy } from '../../strategies/rule-strategies.ts';
import { ownFilesPlace } from '../../../infra/own-files/testing/own-files-place.ts';
import { randomWalkBars, testInstrument } from '../../testing/random-walk-bars.ts';
import { place, run, type Row } from '../../testing/scripted-orders.ts';
import { simulatedBroker } from './simulated-broker.ts';

const EXAMPLE = 'trading/brokers/simulated/example/tiered-broker.ts';
const file = ownFilesPlace();
const bars = [randomWalkBars('AAA', 150, { seed: 4, sigma: 0.01 })];

/** A cost model with these methods. */
const model = (...methods: string[]): string =>
  file(
    'costs',
    "import type { OwnCosts } from 'signalbox';",
    'const own: OwnCosts = {',
    '  parameters: {},',
    ...methods,
    '};',
    'export default own;',
  );

function session(costs: unknown): SessionResult {
  return runHistoricalSession({
    bars,
    instruments: [testInstrument('AAA')],
    strategy: createRuleStrategy('sma-cross', { fast: 3, slow: 9 }),
    sizing: { kind: 'fraction-of-equity', fraction: 0.5 },
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker(costsSchema.parse(costs)),
    capital: 1e6,
  });
}

describe("a user's cost model", () => {
  it('charges what the shipped schedule of the same rates does, to the cent', () => {
    const own = model('charge({ units, first }) { return 0.005 * units + (first ? 2 : 0); },', 'slippage: () => 2e-4,');
    const shipped = { feeBps: 0, halfSpreadBps: 2, slippage: { bps: 0 }, commission: { perShare: 0.005, perOrder: 2 } };
    const [mine, theirs] = [session(own), session(shipped)];
    expect(mine.fees).toBeGreaterThan(10);
    expect([mine.journalHash, mine.fees, mine.slippage]).toEqual([theirs.journalHash, theirs.fees, theirs.slippage]);
  });

  it('comes on top of what else is named, and is the same each time', () => {
    const alone = session(EXAMPLE);
    expect(session({ file: EXAMPLE }).journalHash).toBe(alone.journalHash);
    expect(alone.slippage).toBeGreaterThan(0);
    expect(session({ file: EXAMPLE, feeBps: 5 }).fees).toBeGreaterThan(alone.fees);
    expect(session({ file: EXAMPLE, parameters: { least: 50 } }).fees).toBeGreaterThan(alone.fees);
  });

  it.each([
    ['NaN', 'charge: () => 0 / 0,', /charge answered NaN for \{"units":.*which is no cost/],
    ['less than nothing', 'slippage: () => -0.01,', /slippage answered -0.01 for \{"symbol":"AAA"/],
    ['endless money', 'charge: () => -1 / 0,', /charge answered -Infinity for .*which is no cost/],
    ['an endless charge', 'charge: () => 1 / 0,', /charge answered Infinity for .*which is no cost/],
    ['a rebate to who takes', 'charge: () => -1,', /charge answered -1 for .*which is no cost/],
    ['text', 'charge: () => JSON.parse(\'"1"\') as number,', /charge answered 1 for/],
    ['an error', "charge() { throw new Error('no tariff'); },", /costs-\d+\.ts:4:\d+: no tariff/],
  ])('ends the session where it answers with %s: nothing of that is booked', (_, method, words) => {
    expect(() => session(model(method))).toThrow(words);
  });

  const FLAT: Row = [100, 100, 100, 100];
  const rows: Row[] = [FLAT, [100, 100, 98, 100], [100, 102, 100, 100], FLAT];
  const resting = {
    0: [place({ type: 'limit', side: 'buy', limit: 99 })],
    1: [place({ type: 'limit', side: 'sell', limit: 102 })],
  };
  const charged = (charge: string, script: Parameters<typeof run>[1] = resting) =>
    run(rows, script, { costs: costsSchema.parse(model(charge)) });

  it('may pay a maker, to the last digit: fills, fees, trades and equity have it', () => {
    const { fills, result } = charged('charge: ({ units, maker }) => (maker ? -0.25 : 0.5) * units,');
    expect(fills.map(({ quantity, price, fee }) => [quantity, price, fee])).toEqual([
      [10, 99, -2.5],
      [-10, 102, -2.5],
    ]);
    expect(result).toMatchObject({ fees: -5, ledger: [{ pnl: 35, fees: -5 }] });
    expect(result.equity.at(-1)).toBe(10_035);
    // A limit that takes is charged as what takes.
    const takes = { 0: [place({ type: 'limit', side: 'buy', limit: 101 })] };
    expect(charged('charge: ({ units, maker }) => (maker ? -0.25 : 0.5) * units,', takes).fills[0]!.fee).toBe(5);
  });

  it('pays no more than what was traded is worth, and all of that at most', () => {
    expect(
      charged('charge: ({ units, price, maker }) => (maker ? -units * price : 0),').fills.map(({ fee }) => fee),
    ).toEqual([-990, -1_020]);
    expect(() => charged('charge: ({ units, price, maker }) => (maker ? -1.01 * units * price : 0),')).toThrow(
      /costs-\d+\.ts: charge answered -999\.9 for \{"units":10,"price":99,.*a rebate of more than its value/,
    );
  });

  it('may take what no market would: the order is refused, and that is on record', () => {
    const { result, codes } = run(
      rows,
      { 0: [place({ type: 'market', side: 'buy' })] },
      { costs: costsSchema.parse(model('slippage: () => 1,')) },
    );
    expect([result.fills, codes]).toEqual([0, ['no-market']]);
  });

  it('is named by key and place where it is no cost model', () => {
    const told = (costs: unknown): string => costsSchema.safeParse(costs).error!.issues[0]!.message;
    expect(told(model())).toMatch(/has neither charge nor slippage/);
    expect(told(model("charge: () => 'much',"))).toMatch(/costs-\d+\.ts:4:1: Type '\(\) => string' is not assignable/);
    expect(told({ parameters: { least: 1 } })).toBe('are of a file: give file too');
  });
});
