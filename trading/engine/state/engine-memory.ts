import type { Financing } from '../../financing/financing.ts';
import type { SignalGate } from '../../signals/signal-gate.ts';
import type { SignalHistory } from '../../signals/signal-history.ts';
import { restoreStrategies, saveStrategies, type SavedStrategies } from './saved-strategies.ts';
import type { StrategySession, SymbolStrategy } from '../../strategies/strategy.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { ParentDesk } from '../parents/parent-desk.ts';
import type { OrderDesk } from '../order-desk.ts';
import type { Guard } from '../position-guard.ts';
import type { VenueReports } from '../venue/venue-reports.ts';
import { fromPlain, toPlain, type Plain } from '../../plain-values.ts';
import type { LastQuotes } from '../../quotes/last-quotes.ts';
import type { Sizer } from '../../risk/sizing.ts';

/** All of an engine between two events, as JSON. */
export type EngineState = Plain;

/** Parts of an engine that only some sessions have, or that nobody else looks at. */
interface KeptParts extends EngineParts {
  readonly sizer: Sizer;
  readonly gate: SignalGate;
  readonly guard: Guard | null;
  readonly desk: OrderDesk | null;
  readonly parents: ParentDesk | null;
  readonly reports: VenueReports;
}

interface KeptEngine {
  bars: number;
  readonly signals: SignalHistory;
  readonly quotes: LastQuotes;
  readonly strategy: StrategySession;
  readonly financing: Financing | null;
}

const strategiesOf = ({ lanes }: KeptParts): SymbolStrategy[] => lanes.map(({ strategy }) => strategy);

function saved(engine: KeptEngine, parts: KeptParts, strategies: SavedStrategies) {
  return {
    bars: engine.bars,
    lengths: parts.lanes.map(({ view }) => view.length),
    portfolio: parts.portfolio.save(),
    orders: parts.orders.save(),
    lanes: parts.lanes.map((lane) => lane.save()),
    risk: parts.risk.save(),
    signals: engine.signals.save(),
    quotes: engine.quotes.save(),
    guard: parts.guard?.save() ?? null,
    desk: parts.desk?.save() ?? null,
    parents: parts.parents?.save() ?? null,
    reports: parts.reports.save(),
    financing: engine.financing?.save() ?? null,
    sizer: parts.sizer.save?.() ?? null,
    gate: parts.gate.save(),
    strategies,
  };
}

/** Saves and restores all of an engine. */
export class EngineMemory {
  readonly #engine: KeptEngine;
  readonly #parts: KeptParts;

  constructor(engine: KeptEngine, parts: KeptParts) {
    this.#engine = engine;
    this.#parts = parts;
  }

  /**
   * All of the engine between two events. Bars are no part of it: whoever restores it hands over those that had closed
   * before. Null where a strategy cannot tell what it remembers: its history has to be replayed.
   */
  save(): EngineState | null {
    const strategies = saveStrategies(this.#engine.strategy, strategiesOf(this.#parts));
    return strategies === null ? null : toPlain(saved(this.#engine, this.#parts, strategies));
  }

  /**
   * Takes up what an engine of the same options saved, into one that nothing has happened to.
   * @throws TypeError for a state of another session or of other bars.
   */
  restore(state: EngineState): void {
    const from = fromPlain(state) as ReturnType<typeof saved>;
    const [engine, parts] = [this.#engine, this.#parts];
    if (JSON.stringify(from.lengths) !== JSON.stringify(parts.lanes.map(({ view }) => view.length))) {
      throw new TypeError(`the state was saved after ${from.lengths.join(', ')} bars, and the views end elsewhere`);
    }
    const optional = [
      ['protection', from.guard, parts.guard],
      ['orders of strategies', from.desk, parts.desk],
      ['execution over time', from.parents, parts.parents],
      ['financing', from.financing, engine.financing],
      ['shared account', from.portfolio.shares, parts.portfolio.shares],
    ] as const;
    const other = optional.find(([, had, has]) => (had === null) !== (has === null));
    if (other !== undefined) throw new TypeError(`only one of the saved session and this one has ${other[0]}`);
    parts.portfolio.restore(from.portfolio);
    // Orders are approved again by what the register knows of them.
    parts.orders.restore(from.orders);
    parts.lanes.forEach((lane, symbol) => Object.assign(lane, from.lanes[symbol]));
    parts.risk.restore(from.risk);
    engine.signals.restore(from.signals);
    engine.quotes.restore(from.quotes);
    if (from.guard !== null) parts.guard!.restore(from.guard);
    if (from.desk !== null) parts.desk!.restore(from.desk);
    if (from.parents !== null) parts.parents!.restore(from.parents);
    parts.reports.restore(from.reports);
    if (from.financing !== null) engine.financing!.restore(from.financing);
    parts.gate.restore(from.gate);
    if (from.sizer !== null) parts.sizer.restore?.(from.sizer);
    restoreStrategies(engine.strategy, strategiesOf(parts), from.strategies);
    engine.bars = from.bars;
  }
}
