import type { BarColumns } from '../../features/bar.ts';
import type { Instrument } from '../../features/instrument.ts';
import { InputError } from '../../infra/errors.ts';
import type { ExecutionRules } from '../../models/experiment/execution/execution-schema.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import type { ExtendedHours } from '../../pipelines/calendars/extended-hours.ts';
import { utcDayOfClose } from '../../pipelines/calendars/day.ts';
import { AccountCurrency, marketRates, type CurrencyRule } from '../currencies/account-currency.ts';
import { ActionSchedule, seriesBeside, viewedSeries, type SessionActions } from '../engine/corporate-actions.ts';
import type { HistoricalBroker, MakeBroker } from '../brokers/broker.ts';
import { Engine } from '../engine/engine.ts';
import { fineReasons } from '../fine-bars.ts';
import { createMarket, type Market, type MarketStep } from '../market.ts';
import { MemoryJournal, type Journal } from '../journal/memory-journal.ts';
import type { Command, Instruction } from '../effect.ts';
import { CommandSchedule } from '../engine/command-schedule.ts';
import { SessionLoop } from '../engine/session-loop.ts';
import { extendedReasons, sessionReasons } from './session-reasons.ts';
import type { LedgerEntry, SessionResult } from '../session-result.ts';
import type { ReconciliationRule } from '../engine/venue/reconciliation-rule.ts';
import type { SignalMarks } from '../signals/signal-marks.ts';
import { OPEN_SIGNAL_RULES, type SignalRules } from '../signals/signal-validator.ts';
import type { FinancingRule } from '../financing/financing-rule.ts';
import type { EmergencyRule } from '../risk/degradation/emergency-rule.ts';
import type { ProtectionRule } from '../risk/protection.ts';
import { createSizer, requireCredit, type SizingRule } from '../risk/sizing.ts';
import type { Strategy } from '../strategies/strategy.ts';
import { QuietBars } from '../engine/quiet-bars.ts';
import { Timeline } from '../engine/timeline.ts';
import { RefusalLog } from '../journal/refusal-log.ts';
import { strategyShares } from '../portfolio/strategy-shares.ts';

/** What every session trades, by which rules: the same for history, paper and live. */
export interface SessionOptions {
  /** Symbols in universe order, with their tick and lot. */
  readonly instruments: readonly Instrument[];
  readonly strategy: Strategy;
  readonly sizing: SizingRule;
  /** Orders that rest for each position and end it by themselves. None by default. */
  readonly protection?: ProtectionRule | undefined;
  /** How orders of signals are executed over time. At once by default. */
  readonly execution?: ExecutionRules | undefined;
  readonly limits: RiskLimits;
  /** Default: any signal goes, SELL goes flat. `minimumConfidence` is the larger of this and the limits'. */
  readonly signals?: Partial<SignalRules>;
  /** How the books are brought into line with a real venue's. */
  readonly reconciliation?: Partial<ReconciliationRule> | undefined;
  /** What stops the session where its limits do not say. Nothing by default. */
  readonly emergency?: EmergencyRule | undefined;
  /** What is said of signals where they are stored. Default: no expiry. */
  readonly marks?: SignalMarks | undefined;
  /** Where approved orders go: made for this session, when its account is there. */
  readonly broker: MakeBroker;
  readonly capital: number;
  /**
   * Trading day of a close, for the daily loss: any number that changes with the day. Default: the UTC day that the bar
   * ends in.
   */
  readonly dayOf?: (closeTimeMs: number) => number;
  /** Whether a bar is the last of its trading day. Default: another as long would be of another day. */
  readonly endsDay?: ((openTimeMs: number, closeTimeMs: number) => boolean) | undefined;
  /** Hours around the regular ones in which it trades, too. None by default. */
  readonly extended?: ExtendedHours | undefined;
  /**
   * Splits and dividends of each symbol: positions and working orders are restated on the ex-date and dividends
   * credited, while strategies see bars from which they are taken out. Bars are as traded. None by default.
   */
  readonly actions?: SessionActions | undefined;
  /** What holding costs: borrowing, funding, interest. Nothing by default. */
  readonly financing?: FinancingRule | undefined;
  /** In what the account is kept. Default: what everything is quoted in. Bars and dividends are as quoted. */
  readonly currencies?: CurrencyRule | undefined;
  /** Finer bars of each symbol, where there are any: a simulated venue takes from them what happens inside a bar. */
  readonly fine?: readonly (BarColumns | undefined)[] | undefined;
  /** Annualises volatility for `volatility-target`. Default 252. */
  readonly barsPerYear?: number;
}

export interface HistoricalSessionOptions extends SessionOptions {
  /** One that fills from bars. */
  readonly broker: MakeBroker<HistoricalBroker>;
  /** One set of columns per symbol, in universe order. */
  readonly bars: readonly BarColumns[];
  /**
   * Default: only the hash is kept. Pass a `MemoryJournal` to read records back, or a `PostgresJournal` to store them.
   */
  readonly journal?: Journal;
  /** Operators' words at their times, in order: each takes effect after what happens at its moment. None by default. */
  readonly timedCommands?: readonly Command[];
  /** Called with the bars done, after about every 65,536 of them. */
  readonly onProgress?: (bars: number) => void;
}

/** Bars of a session, all symbols together. */
export function barsOf({ bars }: Pick<HistoricalSessionOptions, 'bars'>): number {
  return bars.reduce((sum, { length }) => sum + length, 0);
}

/** Bars after which progress is told. */
const PROGRESS_BARS = 65_536;

type AskedEngine = SessionOptions & Pick<ConstructorParameters<typeof Engine>[0], 'takesOrders'>;

/** The parts of a session over `market`, constructed alike whatever drives it. */
export function createEngine(options: AskedEngine, market: Market, markTimes?: Float64Array): Engine {
  const { limits, capital, strategy } = options;
  if (!(capital > 0 && capital < Infinity)) {
    throw new InputError(`capital is ${capital}`, 'give a positive amount of money');
  }
  requireCredit(options.sizing, limits);
  const sizer = createSizer(options.sizing, {
    symbols: market.instruments.length,
    barsPerYear: options.barsPerYear ?? 252,
  });
  const rules: SignalRules = { ...OPEN_SIGNAL_RULES, ...options.signals };
  const minimumConfidence = Math.max(rules.minimumConfidence, limits.minimumConfidence);
  return new Engine({
    market,
    strategy,
    sizer,
    rules: { ...rules, minimumConfidence },
    limits,
    capital,
    dayOf: options.dayOf ?? utcDayOfClose,
    markTimes,
    protection: options.protection,
    execution: options.execution,
    extended: options.extended,
    financing: options.financing,
    reconciliation: options.reconciliation,
    emergency: options.emergency,
    takesOrders: options.takesOrders,
  });
}

/** History on its way through the engine: whoever has other things to do meanwhile takes it a stretch at a time. */
export class HistoricalRun {
  readonly #options: HistoricalSessionOptions;
  readonly #schedule: ActionSchedule | null;
  /** Null where everything is quoted in the account's currency. */
  readonly #currency: AccountCurrency | null;
  readonly #engine: Engine;
  readonly #broker: HistoricalBroker;
  readonly #log: RefusalLog;
  readonly #loop: SessionLoop;
  readonly #timeline: Timeline;
  readonly #quiet: QuietBars;
  readonly #commands: CommandSchedule | null;

  /** @throws InputError for a universe or capital that cannot be traded, or commands out of order. */
  constructor(options: HistoricalSessionOptions) {
    const local = createMarket(options.bars, options.instruments);
    const currency = AccountCurrency.of(options.currencies, local.instruments);
    const traded = currency === null ? local : createMarket(currency.columns(options.bars), currency.instruments);
    const { instruments, series } = traded;
    const seen = currency === null ? series : besideAll(series, options.bars);
    // Written out: a spread with a further property gets a hidden class of its own each time, and every run was
    // compiled again.
    const viewed = viewedSeries(seen, options.actions) ?? (currency === null ? undefined : seen);
    currency?.requirePlain(options.fine);
    const { rates, rateAges, rateNotes } = marketRates(currency);
    const market: Market = { instruments, series, viewed, fine: options.fine, rates, rateAges, rateNotes };
    this.#options = options;
    this.#schedule = options.actions === undefined ? null : new ActionSchedule(options.actions, series);
    this.#currency = currency;
    // One symbol is marked at each of its closes.
    const markTimes = options.bars.length === 1 ? options.bars[0]!.closeTimeMs : undefined;
    this.#engine = createEngine(options, market, markTimes);
    const { dayOf = utcDayOfClose, endsDay, extended } = options;
    this.#broker = options.broker({ market, account: this.#engine.portfolio, dayOf, endsDay, extended });
    const symbols = options.bars.map((bars) => bars.symbol);
    this.#log = new RefusalLog(symbols, options.journal ?? new MemoryJournal(symbols, { keep: false }));
    this.#loop = new SessionLoop({ engine: this.#engine, broker: this.#broker, journal: this.#log });
    this.#timeline = new Timeline(market);
    this.#quiet = new QuietBars(this.#engine);
    this.#commands = options.timedCommands === undefined ? null : new CommandSchedule(options.timedCommands);
  }

  /** Bars that have closed. */
  get bars(): number {
    return this.#engine.bars;
  }

  /** Goes on until `bars` more bars have closed, or a few more: those of one moment go together. False at the end. */
  advance(bars: number): boolean {
    const engine = this.#engine;
    const broker = this.#broker;
    const loop = this.#loop;
    const timeline = this.#timeline;
    const schedule = this.#schedule;
    const until = engine.bars + bars;
    // Splits and dividends come into effect between bars.
    const passes = this.#quiet.areTold && schedule === null;
    requireStrategy(engine);
    while (engine.bars < until) {
      if (passes && this.#passQuiet(until)) continue;
      if (this.#commands !== null) this.#takeCommands(this.#commands);
      const step = timeline.next(broker.waiting);
      if (step === null) return false;
      if (schedule !== null) this.#takeActions(schedule, step);
      const instructions = loop.onMarket(step);
      // The usual answer is the shared empty list: iterating over it would allocate an iterator per bar.
      if (instructions.length === 0) continue;
      instruct(broker, instructions, loop);
      if (broker.settle !== undefined) settle(broker, step, loop);
    }
    return true;
  }

  #takeActions(schedule: ActionSchedule, step: MarketStep): void {
    for (let event = schedule.due(step); event !== null; event = schedule.due(step)) {
      this.#loop.onAction(this.#currency?.action(event) ?? event);
    }
  }

  /** What is due before the next step. One that has its moment inside a bar finds no price before its close. */
  #takeCommands(commands: CommandSchedule): void {
    const nextMs = this.#timeline.nextTimeMs(this.#broker.waiting);
    for (let command = commands.due(nextMs); command !== null; command = commands.due(nextMs)) {
      instruct(this.#broker, this.#loop.onCommand(command), this.#loop);
    }
  }

  /**
   * Takes the bars up to the next at which anything can happen at once: nothing is due, no price of what rests is
   * reached, and the strategy has said that it holds. The same marks come of it, and nothing else would. False where
   * there is no such bar.
   */
  #passQuiet(until: number): boolean {
    const row = this.#timeline.nextRow;
    const broker = this.#broker;
    const idle = broker.idle === true;
    if (row < 0 || (!idle && broker.untouchedUntil === undefined)) return false;
    let end = Math.min(this.#options.bars[0]!.length, row + until - this.#engine.bars);
    const { closeTimeMs } = this.#options.bars[0]!;
    const commandMs = this.#commands?.nextMs ?? Infinity;
    while (end > row && closeTimeMs[end - 1]! > commandMs) end--;
    let to = this.#quiet.until(row, end);
    if (!idle && to > row) to = broker.untouchedUntil!({ from: row, end: to });
    if (to === row) return false;
    this.#quiet.pass(row, to);
    this.#timeline.passTo(to);
    return true;
  }

  /** Cancels the orders that are left and tells what came of the session. Once, at the end. */
  end(): SessionResult {
    this.#engine.expire(this.#timeline.timeMs);
    this.#broker.expire(this.#timeline.timeMs, this.#loop.report);
    const result = sessionResult(this.#options, this.#engine, this.#log);
    requireStrategy(this.#engine);
    return result;
  }

  /** Lets go of what the strategy holds of the machine: at the end, or where the run is given up. */
  close(): void {
    this.#engine.strategy.end?.();
  }
}

/**
 * Runs history through the engine from the first bar to the last, synchronously. Orders left at the end are cancelled;
 * open positions are marked at the last close.
 * @throws InputError for a universe or capital that cannot be traded.
 */
export function runHistoricalSession(options: HistoricalSessionOptions): SessionResult {
  const run = new HistoricalRun(options);
  try {
    while (run.advance(PROGRESS_BARS)) options.onProgress?.(run.bars);
    return run.end();
  } finally {
    run.close();
  }
}

/** The bars as they are quoted, beside those that are traded. */
function besideAll(series: Market['series'], bars: readonly BarColumns[]): Market['series'] {
  return series.map((traded, symbol) => seriesBeside(traded, () => bars[symbol]!));
}

/** Throws what ended the strategy: a session does not go on without one. */
function requireStrategy(engine: Engine): void {
  const failure = engine.own.failure();
  if (failure !== null) throw failure;
}

/** Until nothing more is filled at the close in hand. */
function settle(broker: HistoricalBroker, step: MarketStep, loop: SessionLoop): void {
  for (let more = loop.settle(step); more.length > 0; more = loop.settle(step)) instruct(broker, more, loop);
}

function instruct(broker: HistoricalBroker, instructions: readonly Instruction[], loop: SessionLoop): void {
  for (let at = 0; at < instructions.length; at++) {
    const instruction = instructions[at]!;
    if (instruction.kind === 'order') broker.submit(instruction, '', loop.report);
    else if (instruction.kind === 'amend') broker.amend(instruction.order, instruction.timeMs, loop.report);
    else broker.cancel(instruction.sequence, instruction.timeMs, loop.report);
  }
  const caused = loop.caused();
  if (caused.length > 0) instruct(broker, caused, loop);
}

/** What a session leaves behind. */
export function sessionResult(
  options: Pick<SessionOptions, 'instruments' | 'limits' | 'capital' | 'extended' | 'protection' | 'execution'> &
    Pick<HistoricalSessionOptions, 'bars' | 'fine'>,
  engine: Engine,
  log: RefusalLog,
): SessionResult {
  const { portfolio } = engine;
  const symbols = options.bars.map((bars) => bars.symbol);
  let ledger: readonly LedgerEntry[] | null = null;
  let grossExposure: Float64Array | null = null;
  let netExposure: Float64Array | null = null;
  return {
    bars: engine.bars,
    symbols,
    timeMs: portfolio.curve.timeMs(),
    equity: portfolio.curve.equity(),
    get grossExposure() {
      return (grossExposure ??= portfolio.curve.grossExposure());
    },
    get netExposure() {
      return (netExposure ??= portfolio.curve.netExposure());
    },
    initialCapital: options.capital,
    // Half a million entries are 100 MB of objects: built when somebody looks.
    get ledger() {
      return (ledger ??= portfolio.ledgerEntries(symbols));
    },
    fills: portfolio.fills,
    fees: portfolio.fees,
    slippage: portfolio.slippage,
    tradedNotional: portfolio.tradedNotional,
    // A million objects for a panel, of which hardly anybody asks.
    get refusals() {
      return log.refusals();
    },
    refused: log.groups(),
    lastSignals: engine.signals.last(),
    limits: options.limits,
    reasons: [
      ...sessionReasons(log.states),
      ...[...engine.own.notes(), ...engine.rateNotes(), ...fineReasons(options), ...extendedReasons(options)],
    ],
    journalHash: log.hash(),
    financing: engine.financing?.charged,
    ...(portfolio.shares === null ? {} : { strategies: strategyShares(portfolio.shares) }),
  };
}
