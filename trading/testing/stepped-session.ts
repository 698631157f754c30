import { utcDayOfClose } from '../../pipelines/calendars/day.ts';
import { SimulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import { costsOf, type Costs } from '../brokers/simulated/cost-model.ts';
import { AccountCurrency } from '../currencies/account-currency.ts';
import type { Effect, Instruction } from '../effect.ts';
import { CommandSchedule } from '../engine/command-schedule.ts';
import { ActionSchedule, seriesBeside, viewedSeries } from '../engine/corporate-actions.ts';
import type { Engine } from '../engine/engine.ts';
import { SessionLoop } from '../engine/session-loop.ts';
import { Timeline } from '../engine/timeline.ts';
import { createMarket, type Market, type MarketStep } from '../market.ts';
import { createEngine, type HistoricalSessionOptions } from '../sessions/historical-session.ts';
import type { Plain } from '../plain-values.ts';

export interface SteppedOptions extends Omit<HistoricalSessionOptions, 'broker'> {
  readonly costs: Partial<Costs>;
}

/** What a session came to, to be compared: effects as text, and the books. */
export interface Stepped {
  readonly effects: readonly string[];
  readonly books: string;
  readonly steps: number;
}

/** An engine with its broker, as one process has them. */
class Process {
  readonly engine: Engine;
  readonly broker: SimulatedBroker;
  readonly loop: SessionLoop;

  constructor(options: SteppedOptions, market: Market, effects: string[]) {
    const { costs, dayOf = utcDayOfClose, endsDay, extended } = options;
    this.engine = createEngine({ ...options, broker: () => this.broker }, market);
    const account = this.engine.portfolio;
    this.broker = new SimulatedBroker({ market, account, costs: costsOf(costs), dayOf, endsDay, extended });
    const journal = { append: (effect: Effect) => void effects.push(JSON.stringify(effect)) };
    this.loop = new SessionLoop({ engine: this.engine, broker: this.broker, journal });
  }

  act(instructions: readonly Instruction[]): void {
    for (const one of instructions) {
      if (one.kind === 'order') this.broker.submit(one, '', this.loop.report);
      else if (one.kind === 'amend') this.broker.amend(one.order, one.timeMs, this.loop.report);
      else this.broker.cancel(one.sequence, one.timeMs, this.loop.report);
    }
    const caused = this.loop.caused();
    if (caused.length > 0) this.act(caused);
  }

  take(step: MarketStep): void {
    const instructions = this.loop.onMarket(step);
    this.act(instructions);
    if (instructions.length === 0) return;
    for (let more = this.loop.settle(step); more.length > 0; more = this.loop.settle(step)) this.act(more);
  }

  save(): string {
    const [engine, broker] = [this.engine.memory.save(), this.broker.save()];
    if (engine === null) throw new Error('the session cannot be saved');
    return JSON.stringify({ engine, broker });
  }

  restore(text: string): void {
    const { engine, broker } = JSON.parse(text) as { engine: Plain; broker: Plain };
    this.engine.memory.restore(engine);
    this.broker.restore(broker, this.engine.risk.approvedBefore);
  }

  books(symbols: readonly string[]): string {
    const { portfolio, risk, signals, financing } = this.engine;
    return JSON.stringify([
      [portfolio.cash, portfolio.equity, portfolio.fees, portfolio.slippage, portfolio.fills, this.engine.bars],
      [...portfolio.quantity, ...portfolio.averagePrice, ...portfolio.realised],
      [...portfolio.curve.equity(), ...portfolio.curve.grossExposure(), ...portfolio.curve.netExposure()],
      portfolio.ledgerEntries(symbols),
      [risk.state.killState, signals.last(), financing?.charged],
      portfolio.shares?.save().parts.map(({ cash, lots, quantity }) => [cash, lots, [...quantity]]),
    ]);
  }
}

/**
 * Steps through history as a live session does, order by order. After each of the steps in `cuts` the session is saved,
 * and another process, which knows the bars and what was saved, goes on.
 */
export function steppedSession(
  options: SteppedOptions,
  cuts: readonly number[] = [],
  onSaved?: (state: string) => void,
): Stepped {
  const currency = AccountCurrency.of(options.currencies, options.instruments);
  const columns = currency?.columns(options.bars) ?? options.bars;
  const { instruments, series } = createMarket(columns, currency?.instruments ?? options.instruments);
  const seen = currency === null ? series : series.map((one, symbol) => seriesBeside(one, () => options.bars[symbol]!));
  const market = { instruments, series, viewed: viewedSeries(seen, options.actions) ?? seen, fine: options.fine };
  const schedule = new ActionSchedule(options.actions ?? series.map(() => []), series);
  const commands = new CommandSchedule(options.timedCommands ?? []);
  const timeline = new Timeline(market);
  const effects: string[] = [];
  let process = new Process(options, market, effects);
  let steps = 0;
  for (let step = timeline.next(); step !== null; step = timeline.next()) {
    for (let event = schedule.due(step); event !== null; event = schedule.due(step)) {
      process.loop.onAction(currency?.action(event) ?? event);
    }
    process.take(step);
    const next = timeline.nextTimeMs();
    for (let command = commands.due(next); command !== null; command = commands.due(next)) {
      process.act(process.loop.onCommand(command));
    }
    steps += 1;
    if (!cuts.includes(steps)) continue;
    const saved = process.save();
    onSaved?.(saved);
    process.engine.strategy.end?.();
    process = new Process(options, market, effects);
    process.restore(saved);
    if (process.save() !== saved) throw new Error('what was restored is not what was saved');
  }
  process.engine.expire(timeline.timeMs);
  process.broker.expire(timeline.timeMs, process.loop.report);
  process.engine.strategy.end?.();
  return { effects, books: process.books(options.bars.map(({ symbol }) => symbol)), steps };
}
