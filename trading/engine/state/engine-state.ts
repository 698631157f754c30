import type { Financing } from '../../financing/financing.ts';
import type { SignalHistory } from '../../signals/signal-history.ts';
import { restoreStrategies, saveStrategies, type SavedStrategies } from './saved-strategies.ts';
import type { StrategySession, SymbolStrategy } from '../../strategies/strategy.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { OrderDesk } from '../order-desk.ts';
import type { PositionGuard } from '../position-guard.ts';
import type { VenueReports } from '../venue/venue-reports.ts';
import { fromPlain, toPlain, type Plain } from '../../plain-values.ts';

/** Version of what parts save: one more with every change of what any of them keeps. */
const STATE_FORMAT = 'signalbox-state/1';

/** Parts of an engine that only some sessions have, or that nobody else looks at. */
export interface Keepers {
  readonly guard: PositionGuard | null;
  readonly desk: OrderDesk | null;
  readonly reports: VenueReports;
}

type KeptParts = EngineParts & Keepers;

interface KeptEngine {
  readonly bars: number;
  readonly signals: SignalHistory;
  readonly strategy: StrategySession;
  readonly financing: Financing | null;
}

/** All of an engine between two events, as JSON. */
export type EngineState = Plain;

const strategiesOf = ({ lanes }: KeptParts): SymbolStrategy[] => lanes.map(({ strategy }) => strategy);

function saved(engine: KeptEngine, parts: KeptParts, strategies: SavedStrategies) {
  return {
    format: STATE_FORMAT,
    bars: engine.bars,
    lengths: parts.lanes.map(({ view }) => view.length),
    portfolio: parts.portfolio.save(),
    orders: parts.orders.save(),
    lanes: parts.lanes.map((lane) => lane.save()),
    risk: parts.risk.save(),
    signals: engine.signals.save(),
    guard: parts.guard?.save() ?? null,
    desk: parts.desk?.save() ?? null,
    reports: parts.reports.save(),
    financing: engine.financing?.save() ?? null,
    strategies,
  };
}

/**
 * All of an engine. Bars are no part of it: whoever restores it hands over those that had closed before. Null where a
 * strategy cannot tell what it remembers: its history has to be replayed.
 */
export function saveEngine(engine: KeptEngine, parts: KeptParts): EngineState | null {
  const strategies = saveStrategies(engine.strategy, strategiesOf(parts));
  return strategies === null ? null : toPlain(saved(engine, parts, strategies));
}

/**
 * Takes up what an engine of the same options saved, into one that nothing has happened to. Gives its closed bars.
 * @throws TypeError for a state of another format, another session, or other bars.
 */
export function restoreEngine(engine: KeptEngine, parts: KeptParts, state: EngineState): number {
  const from = fromPlain(state) as ReturnType<typeof saved>;
  if (from.format !== STATE_FORMAT) throw new TypeError(`the state is of format ${from.format}, not ${STATE_FORMAT}`);
  if (JSON.stringify(from.lengths) !== JSON.stringify(parts.lanes.map(({ view }) => view.length))) {
    throw new TypeError(`the state was saved after ${from.lengths.join(', ')} bars, and the views end elsewhere`);
  }
  const optional = [
    ['protection', from.guard, parts.guard],
    ['orders of strategies', from.desk, parts.desk],
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
  if (from.guard !== null) parts.guard!.restore(from.guard);
  if (from.desk !== null) parts.desk!.restore(from.desk);
  parts.reports.restore(from.reports);
  if (from.financing !== null) engine.financing!.restore(from.financing);
  restoreStrategies(engine.strategy, strategiesOf(parts), from.strategies);
  return from.bars;
}
