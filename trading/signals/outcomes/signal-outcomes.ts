import type { Bar } from '../../../features/bar.ts';
import { BackgroundWrite } from '../../../infra/postgres/background-write.ts';
import { BarAdjuster } from '../../../pipelines/adjustments/bar-adjuster.ts';
import type { Effect } from '../../effect.ts';
import { viewActions, type SessionActions } from '../../engine/corporate-actions.ts';
import { journalWith, type DurableJournal } from '../../journal/durable-journal.ts';
import { fromPlain, toPlain, type Plain } from '../../plain-values.ts';
import type { ClosedBars } from '../../sessions/replayed-feed.ts';
import type { SignalMarks } from '../signal-marks.ts';
import { strengthOf } from '../signal-strength.ts';
import type { SignalOutcome } from './signal-outcome-store.ts';

export interface SignalOutcomesOptions {
  readonly symbols: readonly string[];
  readonly actions: SessionActions;
  readonly marks: SignalMarks;
  /** Records of the journal that are durable: outcomes refer to their signals. All by default. */
  readonly durable?: () => number;
  /** False where they could not be written: they are kept for the next time. */
  readonly write: (outcomes: readonly SignalOutcome[]) => Promise<boolean>;
}

/** Outcomes of replayed bars that are written at once. */
const PIECE = 500;

/** A signal that waits for its horizon. */
type Waiting = Omit<SignalOutcome, 'knownAtMs' | 'realisedReturn'> & { refused: string | null; readonly row: number };

/** A symbol's closes as strategies see them, and the signals that wait. */
interface Lane {
  readonly symbol: string;
  readonly adjuster: BarAdjuster;
  readonly closeMs: number[];
  readonly close: number[];
  waiting: Waiting[];
}

/**
 * Follows a session from beside it: signals as its journal gets them, closes as its feed brings them. Each outcome is
 * known once the session is through with the close that ends its horizon, never before, and nothing goes back into the
 * session. A restart is given all of it again, or what waited with the session's last state, and comes to the same; the
 * store keeps what it has.
 */
export class SignalOutcomes {
  readonly #options: SignalOutcomesOptions;
  readonly #lanes: readonly Lane[];
  readonly #writing = new BackgroundWrite();
  #known: SignalOutcome[] = [];
  #newest: Waiting | null = null;
  #live = false;

  constructor(options: SignalOutcomesOptions) {
    this.#options = options;
    this.#lanes = options.symbols.map((symbol, at) => {
      const adjuster = new BarAdjuster(symbol, viewActions(options.actions[at] ?? []));
      return { symbol, adjuster, closeMs: [], close: [], waiting: [] };
    });
  }

  /** The same journal, listened to. */
  heard(journal: DurableJournal): DurableJournal {
    return journalWith(journal, {
      append: (effect) => {
        const record = journal.appended;
        journal.append(effect);
        this.#hear(effect, record);
      },
      goOnAfter: (records) => {
        this.#restore(journal.found.state?.outcomes);
        return journal.goOnAfter(records);
      },
      commit: (state) => journal.commit(state === undefined ? undefined : { ...state, outcomes: this.#save() }),
    });
  }

  /** The same feed, listened to: a close counts when the session asks for the next. */
  async *followed(feed: AsyncIterable<ClosedBars>): AsyncGenerator<ClosedBars> {
    try {
      for await (const closed of feed) {
        this.#take(closed);
        yield closed;
        this.#settle();
        // A live close does not wait for what became of older ones.
        if (this.#live) this.#writing.start(() => this.#write());
        else if (this.#known.length >= PIECE) await this.flush();
      }
    } finally {
      await this.flush();
    }
  }

  /** What a restart that goes on from a state is not told of again. */
  #save(): Plain {
    return toPlain({ known: this.#known, waiting: this.#lanes.map(({ waiting }) => waiting) });
  }

  #restore(state: Plain | undefined): void {
    if (state === undefined) return;
    const { known, waiting } = fromPlain(state) as { readonly known: SignalOutcome[]; readonly waiting: Waiting[][] };
    this.#known.push(...known);
    this.#lanes.forEach((lane, symbol) => lane.waiting.push(...waiting[symbol]!));
  }

  #take(closed: ClosedBars): void {
    this.#live ||= closed.goesLive === true;
    for (const { symbol, action } of closed.actions ?? []) {
      for (const viewed of viewActions([action])) this.#lanes[symbol]!.adjuster.add(viewed);
    }
    for (const { symbol, bar } of closed.bars) this.#close(this.#lanes[symbol]!, bar);
  }

  #close({ adjuster, closeMs, close }: Lane, bar: Bar): void {
    closeMs.push(bar.closeTimeMs);
    close.push(adjuster.adjust(bar).close);
  }

  #hear(effect: Effect, record: number): void {
    const before = this.#newest;
    this.#newest = null;
    if (effect.kind === 'refusal' && effect.stage === 'signal' && before?.symbol === this.#symbolOf(effect.symbol)) {
      before.refused = effect.code;
    }
    if (effect.kind !== 'signal') return;
    const { signal, owner, symbol, timeMs } = effect;
    const { action, probability, confidence, model = null, decidedAtMs = timeMs } = signal;
    if (action === 'HOLD') return;
    const lane = this.#lanes[symbol]!;
    const row = lane.closeMs.lastIndexOf(decidedAtMs);
    // Bars of its own, or a close that came before the session's first: what it rests on is not there.
    if (row < 0) return;
    const { horizonBars, strength: thresholds } = this.#options.marks;
    const of = { record, symbol: lane.symbol, action, probability, model, strategy: owner?.name ?? null };
    const strength = strengthOf(confidence, thresholds);
    const waiting = { ...of, strength, refused: null, decidedAtMs, horizonBars, row };
    this.#newest = waiting;
    lane.waiting.push(waiting);
  }

  #symbolOf(symbol: number): string {
    return this.#options.symbols[symbol]!;
  }

  /** What has been waited for long enough. */
  #settle(): void {
    this.#newest = null;
    for (const lane of this.#lanes) {
      if (lane.waiting.length === 0) continue;
      const last = lane.close.length - 1;
      lane.waiting = lane.waiting.filter(({ row, ...signal }) => {
        const end = row + signal.horizonBars;
        if (end > last) return true;
        const realisedReturn = lane.close[end]! / lane.close[row]! - 1;
        if (Number.isFinite(realisedReturn)) {
          this.#known.push({ ...signal, knownAtMs: lane.closeMs[end]!, realisedReturn });
        }
        return false;
      });
    }
  }

  /** Writes what is known, where its signals are on record. */
  async flush(): Promise<void> {
    await this.#writing.settle();
    await this.#write();
  }

  async #write(): Promise<void> {
    const { write, durable: durableOf } = this.#options;
    const durable = durableOf?.() ?? Infinity;
    const known = this.#known.filter(({ record }) => record < durable);
    if (known.length === 0 || !(await write(known))) return;
    // Until then they are part of a state that is stored meanwhile.
    const written = new Set(known);
    this.#known = this.#known.filter((outcome) => !written.has(outcome));
  }
}
