import { preciseClock } from '../../../infra/clock.ts';
import type { LogConfig } from '../../../infra/logging/log.ts';
import type { Tracing } from '../../../infra/tracing/span.ts';
import { heardAnew, type DurableJournal } from '../../journal/durable-journal.ts';
import type { StepTimes } from '../latency/order-latencies.ts';
import type { LiveTail } from '../live-bars.ts';
import type { TakenCommand } from '../record/taken-command.ts';
import type { ClosedBars } from '../replayed-feed.ts';
import { EffectLines, type LinesOptions } from './effect-lines.ts';
import { SessionSpans } from './session-spans.ts';

export interface ObserverOptions extends Omit<LinesOptions, 'clock'> {
  readonly config: LogConfig;
  /** Null while nothing is traced. */
  readonly tracing: Tracing | null;
  /** Bars come as they happen, after history. */
  readonly isLive: boolean;
}

/** Writes down what a session does, for logs and traces: no part of its record, and no decision rests on it. */
export class SessionObserver {
  readonly #lines: EffectLines;
  readonly #spans: SessionSpans | null;
  readonly #isLive: boolean;
  /** The close in hand has come as it happened. */
  #isOpen = false;

  constructor({ tracing, isLive, ...options }: ObserverOptions) {
    this.#lines = new EffectLines({ ...options, clock: preciseClock });
    this.#spans = tracing === null ? null : new SessionSpans({ tracing, ...options, clock: preciseClock });
    this.#isLive = isLive;
  }

  /** The tail of a live session: a close begins where it is asked what decides it. */
  tail(tail: LiveTail): LiveTail {
    return {
      ...tail,
      decider: (closeTimeMs) => {
        this.#begin(closeTimeMs);
        return tail.decider(closeTimeMs);
      },
      observe: (closed, decider) => {
        const work = (): Promise<string | null> => tail.observe(closed, decider);
        return this.#spans === null || !this.#isOpen ? work() : this.#spans.predict(work);
      },
    };
  }

  /** The session's feed: a close is done when the next is asked for. */
  async *followed(feed: AsyncIterable<ClosedBars>): AsyncGenerator<ClosedBars> {
    for await (const closed of feed) {
      if (!this.#isLive) this.#begin(closed.closeTimeMs);
      yield closed;
      if (this.#isOpen) {
        this.#lines.barDone(closed.closeTimeMs);
        this.#spans?.barDone();
      }
      this.#isOpen = false;
    }
  }

  /** The session's journal: what is new in it is heard. */
  heard(journal: DurableJournal): DurableJournal {
    return heardAnew(journal, (effect) => {
      this.#lines.hear(effect);
      this.#spans?.hear(effect);
    });
  }

  /** Commands that were taken up, each heard when its turn comes. */
  commands(taken: readonly TakenCommand[]): readonly TakenCommand[] {
    return taken.map((one) => ({
      ...one,
      begins: () => {
        this.#lines.command(one.command, one.origin);
        this.#spans?.command(one.command, one.origin);
      },
      ends: () => {
        this.#lines.commandDone();
        this.#spans?.commandDone();
      },
    }));
  }

  /** An order took steps. Bound: latencies are told so. */
  readonly step = (sequence: number, times: StepTimes): void => this.#spans?.step(sequence, times);

  end(): void {
    this.#spans?.end();
  }

  #begin(closeTimeMs: number): void {
    this.#isOpen = true;
    this.#lines.bar();
    this.#spans?.bar(closeTimeMs);
  }
}
