import { describe, expect, it } from 'vitest';
import { createBarColumns } from '../../features/bar.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import type { Costs } from '../brokers/simulated/cost-model.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import type { Effect } from '../effect.ts';
import { createMarket } from '../market.ts';
import { createSizer } from '../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../signals/signal-validator.ts';
import { HOLD, ruleSignal, type Strategy } from '../strategies/strategy.ts';
import { testInstrument } from '../testing/random-walk-bars.ts';
import { Engine } from './engine.ts';
import type { Instruction } from '../effect.ts';
import { SessionLoop } from './session-loop.ts';
import { Timeline } from './timeline.ts';

const alternating: Strategy = {
  name: 'alternating',
  parameters: {},
  forSymbol: () => ({
    decide: (view) =>
      view.length % 3 === 0 ? HOLD : ruleSignal(view.length % 3 === 1 ? 'BUY' : 'SELL', `bar ${view.length}`),
  }),
};

/** A loop over flat bars of one symbol at 100, and everything that it records, in order. */
function setUp(bars: number, costs: Partial<Costs> = {}) {
  const columns = createBarColumns('A', bars);
  for (let row = 0; row < bars; row++) {
    columns.openTimeMs[row] = row * 100;
    columns.closeTimeMs[row] = row * 100 + 100;
    columns.open[row] = columns.high[row] = columns.low[row] = columns.close[row] = 100;
  }
  const market = createMarket([columns], [testInstrument('A')]);
  const engine = new Engine({
    market,
    strategy: alternating,
    sizer: createSizer({ kind: 'units', units: 10 }, { symbols: 1, barsPerYear: 252 }),
    rules: OPEN_SIGNAL_RULES,
    limits: NAMED_LIMITS.unbounded,
    capital: 10_000,
    dayOf: () => 0,
  });
  const broker = simulatedBroker(costs)({ market, account: engine.portfolio, dayOf: () => 0 });
  const recorded: Effect[] = [];
  const loop = new SessionLoop({ engine, broker, journal: { append: (effect) => void recorded.push(effect) } });
  return { loop, engine, broker, recorded, timeline: new Timeline(market) };
}

type Session = ReturnType<typeof setUp>;
const kindsOf = (effects: readonly Effect[]): string[] => effects.map(({ kind }) => kind);

/** The next step of the timeline through the loop. */
function step({ loop, timeline, broker }: Session): readonly Instruction[] {
  const next = timeline.next()!;
  const instructions = loop.onMarket(next);
  for (const instruction of instructions) if (instruction.kind === 'order') broker.submit(instruction, '', loop.report);
  return instructions;
}

describe('SessionLoop', () => {
  it('records what led to an instruction, and the instruction, before it hands it out', () => {
    const session = setUp(2);
    expect(step(session)).toEqual([]);
    const instructions = step(session);
    expect(kindsOf(session.recorded)).toEqual(['signal', 'order']);
    expect(instructions).toEqual([session.recorded[1]]);
    expect(instructions[0]).toBe(session.recorded[1]);
  });

  it('hands out orders and cancels alone, in their order', () => {
    const session = setUp(2);
    step(session);
    step(session);
    const { loop, recorded } = session;
    recorded.length = 0;
    const out = loop.onCommand({ kind: 'command', timeMs: 100, command: 'flatten' });
    expect(kindsOf(recorded)).toEqual(['state', 'cancel']);
    expect(out).toEqual([recorded[1]]);
    expect(loop.onCommand({ kind: 'command', timeMs: 100, command: 'resume' })).toEqual([]);
  });

  it('lets the broker fill at an open, and asks the engine nothing there', () => {
    const session = setUp(3);
    step(session);
    step(session);
    session.recorded.length = 0;
    expect(step(session)).toEqual([]);
    expect(kindsOf(session.recorded)).toEqual(['fill']);
    expect(session.engine.portfolio.quantity[0]).toBe(10);
    expect(session.engine.bars).toBe(1);
  });

  it('books fills at a close before it marks and decides there', () => {
    const session = setUp(4, { fill: 'next-close', feeBps: 100 });
    for (let at = 0; at < 3; at++) step(session);
    session.recorded.length = 0;
    step(session);
    expect(kindsOf(session.recorded)).toEqual(['fill', 'signal', 'order']);
    // 10 units at 100 with a fee of 1 %: the mark of this close knows of it.
    expect(session.engine.portfolio.curve.equity().at(-1)).toBe(9_990);
  });

  it('takes a corporate action to the account and to what works at the broker', () => {
    const session = setUp(6);
    for (let at = 0; at < 3; at++) step(session);
    // Holding 10; the sale of this close works at the broker.
    step(session);
    session.recorded.length = 0;
    session.loop.onAction({ kind: 'action', timeMs: 200, symbol: 0, action: 'split', value: 2 });
    expect(session.recorded).toMatchObject([{ kind: 'action', quantity: 20, cash: 0 }]);
    step(session);
    expect(session.recorded[1]).toMatchObject({ kind: 'fill', quantity: -20 });
    expect(session.engine.portfolio.quantity[0]).toBe(0);
  });

  it('books and records what is reported apart from the market', () => {
    const { loop, recorded, engine } = setUp(1);
    loop.report({ kind: 'order-update', sequence: 9, timeMs: 1, state: 'CANCELED', code: null, value: 0, limit: 0 });
    expect(recorded).toMatchObject([{ kind: 'refusal', code: 'order-state', value: 9 }]);
    expect(engine.portfolio.fills).toBe(0);
  });
});
