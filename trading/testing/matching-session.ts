import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { HOUR_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { utcDayOfClose } from '../../pipelines/calendars/day.ts';
import type { Broker, HistoricalBroker } from '../brokers/broker.ts';
import type { Costs } from '../brokers/simulated/cost-model.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import type { Effect, EngineEvent, Fill, Instruction } from '../effect.ts';
import { ActionSchedule, viewedSeries, type SessionActions } from '../engine/corporate-actions.ts';
import type { Engine } from '../engine/engine.ts';
import { SessionLoop } from '../engine/session-loop.ts';
import { Timeline } from '../engine/timeline.ts';
import type { Plain } from '../plain-values.ts';
import { createMarket, type Market, type MarketStep } from '../market.ts';
import { createEngine } from '../sessions/historical-session.ts';
import { HOLD, type Strategy } from '../strategies/strategy.ts';
import type { Scenario, Shown } from './reference-desk.ts';
import { testInstrument } from './random-walk-bars.ts';
import { START_MS, type Row } from './scripted-orders.ts';

/** What the engine was told, and the newest bar of each symbol then. */
interface Input {
  readonly event: EngineEvent | { readonly kind: 'closed'; readonly step: MarketStep };
  readonly last: readonly number[];
}

/** The engine's account of a scenario. */
export interface Traded {
  readonly engine: Engine;
  readonly effects: readonly Effect[];
  readonly inputs: readonly Input[];
  /** What the strategies were shown before they acted. */
  readonly shown: readonly Shown<number>[];
}

function columnsOf(symbol: string, rows: readonly (Row | null)[]): BarColumns {
  const there = rows.flatMap((row, hour) => (row === null ? [] : [{ row, hour }]));
  const bars = createBarColumns(symbol, there.length);
  there.forEach(({ row: [open, high, low, close, volume = 1_000], hour }, at) => {
    Object.entries({ open, high, low, close, volume }).forEach(([key, value]) => {
      bars[key as 'open'][at] = value;
    });
    bars.openTimeMs[at] = START_MS + hour * HOUR_MS;
    bars.closeTimeMs[at] = START_MS + (hour + 1) * HOUR_MS;
  });
  return bars;
}

/** Finer bars share the time of the one that they are inside. */
function fineColumns(symbol: string, list: readonly (readonly Row[] | null)[]): BarColumns {
  const parts = list.flatMap((inside, hour) =>
    (inside ?? []).map((row, at, all) => ({ row, fromMs: hour * HOUR_MS, at, partMs: HOUR_MS / all.length })),
  );
  const bars = createBarColumns(symbol, parts.length);
  parts.forEach(({ row: [open, high, low, close], fromMs, at, partMs }, part) => {
    Object.entries({ open, high, low, close }).forEach(([key, value]) => {
      bars[key as 'open'][part] = value;
    });
    bars.openTimeMs[part] = START_MS + fromMs + at * partMs;
    bars.closeTimeMs[part] = START_MS + fromMs + (at + 1) * partMs;
  });
  return bars;
}

function costsOf({ costs }: Scenario): Partial<Costs> {
  const { makerBps, takerBps, perShareCents, minimumCents, volumePercent, latencyMs, concessionBps } = costs;
  const { perOrderCents, mostPermille, tier, inBase, fill, stopFill, intrabar } = costs;
  const plain = perShareCents === 0 && minimumCents === 0 && perOrderCents === 0 && makerBps === takerBps;
  const flat = plain && mostPermille === null && tier === null && !inBase;
  const commission = {
    makerBps,
    takerBps,
    perShare: perShareCents / 100,
    perOrder: perOrderCents / 100,
    perOrderMin: minimumCents / 100,
    ...(mostPermille === null ? {} : { maxShare: mostPermille / 1_000 }),
    ...(tier === null ? {} : { tiers: [tier] }),
    ...(inBase ? { asset: 'base' as const } : {}),
  };
  return {
    halfSpreadBps: concessionBps,
    feeBps: takerBps,
    latencyMs,
    fill,
    stopFill,
    intrabar,
    ...(volumePercent === null ? {} : { participation: volumePercent / 100 }),
    ...(flat ? {} : { commission }),
  };
}

/** Splits and dividends by symbol. */
function actionsOf({ rows, split, dividends }: Scenario): SessionActions {
  const dated = (kind: 'split' | 'dividend', hour: number, value: number) => {
    const effectiveMs = START_MS + hour * HOUR_MS;
    return { kind, effectiveMs, knownAtMs: effectiveMs, value };
  };
  return rows.map((_, sym) => [
    ...(split !== null && sym === 0 ? [dated('split', split.hour, split.ratio)] : []),
    ...dividends.filter((one) => one.sym === sym).map(({ hour, value }) => dated('dividend', hour, value)),
  ]);
}

function marketOf(given: Scenario): Market {
  const symbols = given.rows.map((_, sym) => `S${sym}`);
  const { instruments, series } = createMarket(
    given.rows.map((rows, sym) => columnsOf(symbols[sym]!, rows)),
    symbols.map((symbol) => testInstrument(symbol)),
  );
  const viewed = viewedSeries(series, actionsOf(given));
  return { instruments, series, viewed, fine: given.fine?.map((list, sym) => fineColumns(symbols[sym]!, list)) };
}

function engineOf(given: Scenario, market: Market, shown: Shown<number>[]): Engine {
  let next = 0;
  const strategy: Strategy = {
    name: 'scripted',
    parameters: {},
    forSymbol: () => {
      const sym = next++;
      return {
        decide: () => HOLD,
        save: () => null,
        restore: () => undefined,
        orders: (view, book) => {
          const working = book.working.map(({ request, units, filled }) => [request.label, units, filled]);
          const { cash, equity, position } = book;
          shown.push({ cash, equity, units: JSON.stringify([position, working]) });
          return given.actions[sym]![(view.closeTimeMs() - START_MS) / HOUR_MS - 1] ?? [];
        },
      };
    },
  };
  const { positionPermille, shortAllowed, drawdownPermille } = given.limits;
  const limits = {
    ...NAMED_LIMITS.unbounded,
    positionFraction: positionPermille / 1_000,
    drawdownFraction: drawdownPermille === null ? null : drawdownPermille / 1_000,
    shortAllowed,
  };
  const { instruments } = market;
  const broker = simulatedBroker();
  const { capital } = given;
  return createEngine({ instruments, strategy, sizing: { kind: 'units', units: 1 }, limits, broker, capital }, market);
}

/** What one process has of a session. */
interface Process {
  readonly engine: Engine;
  readonly broker: HistoricalBroker & Required<Pick<Broker, 'save' | 'restore'>>;
}

function processOf(given: Scenario, market: Market, shown: Shown<number>[]): Process {
  const engine = engineOf(given, market, shown);
  const broker = simulatedBroker(costsOf(given))({ market, account: engine.portfolio, dayOf: utcDayOfClose });
  return { engine, broker };
}

/** Another process takes up what was saved as text. */
function restored({ engine, broker }: Process, next: Process): Process {
  const saved = JSON.stringify([engine.memory.save(), broker.save()]);
  const [engineState, brokerState] = JSON.parse(saved) as [Plain, Plain];
  next.engine.memory.restore(engineState);
  next.broker.restore(brokerState, next.engine.risk.approvedBefore);
  return next;
}

/** Runs a scenario through the engine; where it is disturbed, orders and cancels reach the venue twice. */
export function tradedSession(given: Scenario): Traded {
  const market = marketOf(given);
  const shown: Shown<number>[] = [];
  let process = processOf(given, market, shown);
  const effects: Effect[] = [];
  const inputs: Input[] = [];
  const note = (event: Input['event']): void =>
    void inputs.push({ event, last: market.series.map(({ last }) => last) });
  const loopOf = ({ engine, broker }: Process): SessionLoop => {
    const told: Pick<Engine, 'tell' | 'handle' | 'onClose' | 'portfolio'> = {
      portfolio: engine.portfolio,
      tell: (listener) => engine.tell(listener),
      handle: (event: EngineEvent) => {
        note(event);
        return engine.handle(event);
      },
      onClose: (step: MarketStep) => {
        note({ kind: 'closed', step: structuredClone(step) });
        return engine.onClose(step);
      },
    };
    return new SessionLoop({ engine: told, broker, journal: { append: (effect) => void effects.push(effect) } });
  };
  let loop = loopOf(process);
  const instruct = (instructions: readonly Instruction[]): void => {
    const { broker } = process;
    for (const one of instructions) {
      if (one.kind === 'amend') broker.amend(one.order, one.timeMs, loop.report);
      // A session that was killed between its record and its answer asks again.
      for (let time = 0; time < (given.disturbed ? 2 : 1); time++) {
        if (one.kind === 'order') broker.submit(one, '', loop.report);
        if (one.kind === 'cancel') broker.cancel(one.sequence, one.timeMs, loop.report);
      }
    }
    const caused = loop.caused();
    if (caused.length > 0) instruct(caused);
  };
  const schedule = new ActionSchedule(actionsOf(given), market.series);
  const timeline = new Timeline(market);
  const waiting = (): boolean => process.broker.waiting;
  let steps = 0;
  for (let step = timeline.next(waiting()); step !== null; step = timeline.next(waiting())) {
    for (let event = schedule.due(step); event !== null; event = schedule.due(step)) loop.onAction(event);
    const { kind, timeMs } = step;
    instruct(loop.onMarket(step));
    const due = given.commands.filter(({ hour }) => START_MS + (hour + 1) * HOUR_MS === timeMs);
    if (kind === 'close') for (const { command } of due) instruct(loop.onCommand({ kind: 'command', timeMs, command }));
    steps += 1;
    if (steps !== given.restoredAfter) continue;
    process = restored(process, processOf(given, market, shown));
    loop = loopOf(process);
  }
  process.broker.expire(timeline.timeMs, loop.report);
  return { engine: process.engine, effects, inputs, shown };
}

/** Whether an engine that is told everything again does and shows the same. */
export function replaysAlike(given: Scenario, { effects, inputs, shown }: Traded): boolean {
  const market = marketOf(given);
  const again: Shown<number>[] = [];
  const engine = engineOf(given, market, again);
  const done = inputs.flatMap(({ event, last }): readonly Effect[] => {
    market.series.forEach((series, sym) => (series.last = last[sym]!));
    return event.kind === 'closed' ? engine.onClose(event.step) : engine.handle(event);
  });
  return JSON.stringify([done, again]) === JSON.stringify([effects, shown]);
}

/**
 * Whether executions leave the same cash and positions when they are told in any order, each twice, to an engine that
 * knows nothing of their orders.
 */
export function booksAlike(given: Scenario, { engine, effects }: Traded): boolean {
  if (given.split !== null || given.dividends.length > 0) return true;
  const fresh = engineOf(given, marketOf(given), []);
  const random = createRandom(effects.length);
  const executions = effects
    .filter((effect): effect is Fill => effect.kind === 'fill')
    .flatMap((fill, at) => [0, 1].map(() => ({ fill, executionId: `${at}`, rank: random.next() })))
    .sort((a, b) => a.rank - b.rank);
  for (const { fill, executionId } of executions) {
    const { sequence, timeMs, symbol, quantity, price, fee } = fill;
    fresh.handle({ kind: 'execution', executionId, sequence, timeMs, symbol, quantity, price, fee });
  }
  const { cash, quantity } = engine.portfolio;
  const near = Math.abs(fresh.portfolio.cash - cash) < 1e-6;
  return near && fresh.portfolio.quantity.every((units, sym) => units === quantity[sym]);
}
