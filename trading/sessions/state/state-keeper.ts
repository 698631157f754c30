import { hashOf } from '../../../infra/hash.ts';
import type { Broker } from '../../brokers/broker.ts';
import type { Engine } from '../../engine/engine.ts';
import { JournalDiffers, type DurableJournal } from '../../journal/durable-journal.ts';
import type { RefusalLog } from '../../journal/refusal-log.ts';
import type { Plain } from '../../plain-values.ts';
import { StateMisfit, type SessionState } from '../../session-state.ts';
import type { Strategy } from '../../strategies/strategy.ts';
import type { VenueEdge } from '../venue/venue-edge.ts';

/** Closes after which the state is stored, at the least. */
const KEEP_EVERY = 500;

/** The document grows with the session: by then it has grown by a 32nd, so that storing it costs the same share. */
const GROWTH = 32;

export interface StateKeeperOptions {
  readonly strategy: Strategy;
  readonly journal: DurableJournal;
  readonly venue?: VenueEdge | undefined;
  /** Closes between two states, at the least. Default 500. */
  readonly keepEvery?: number | undefined;
  readonly note?: ((text: string) => void) | undefined;
}

interface KeptSession {
  readonly engine: Engine;
  readonly broker: Broker;
  readonly log: RefusalLog;
}

/** A strategy and the text of its file, where it is one. */
function strategyHash({ name, parameters, ...rest }: Strategy): string {
  const { fileHash = null } = rest as { fileHash?: string };
  return hashOf({ name, parameters, fileHash });
}

/** Stores the state of a session now and then, and begins a restarted one with the last that was stored. */
export class StateKeeper {
  readonly #options: StateKeeperOptions;
  readonly #session: KeptSession;
  readonly #strategy: string;
  /** What the session goes on from; null where it is replayed from its start. */
  readonly #begun: SessionState | null;
  /** Closes of before that state have yet to pass. */
  #passing: boolean;
  #closes = 0;
  #keptAt = 0;
  /** It was said that there is no state to be stored. */
  #said = false;

  constructor(options: StateKeeperOptions, session: KeptSession) {
    this.#options = options;
    this.#session = session;
    this.#strategy = strategyHash(options.strategy);
    this.#begun = this.#found();
    this.#passing = this.#begun !== null;
  }

  /** The last state, where it is of this session; else a line says why it is replayed from its start. */
  #found(): SessionState | null {
    const { journal, note } = this.#options;
    const { state, fault } = journal.found;
    const isOther = state !== null && state.strategy !== this.#strategy;
    const why =
      fault ??
      (isOther
        ? 'its saved state is of another strategy'
        : state === null && journal.stored > 0 && this.#save() === null
          ? 'it has no saved state, as its strategy cannot tell what it remembers'
          : null);
    if (why !== null) note?.(`the session is replayed from its start: ${why}`);
    return why === null ? state : null;
  }

  /** What comes was before the state that the session goes on from: nothing is to be done about it. */
  get passing(): boolean {
    return this.#passing;
  }

  /**
   * A close has passed, the `steps`th step of the session: where it is that of the state, the session takes it up.
   * @throws StateMisfit where it cannot.
   */
  passed(steps: number): void {
    const state = this.#begun!;
    this.#closes += 1;
    if (steps < state.step) return;
    if (steps > state.step) throw new StateMisfit('it was saved after other bars');
    this.#restore(state);
    this.#passing = false;
    this.#keptAt = this.#closes;
  }

  /** Nothing of before comes any more. @throws StateMisfit where the state has not been reached. */
  requireReached(): void {
    if (this.#passing) throw new StateMisfit('it was saved after more bars than there are');
  }

  /**
   * What goes wrong after a restart with a state, before anything new was done: a replay from the start may do better.
   */
  misfit(error: unknown): unknown {
    if (this.#begun === null || !(error instanceof JournalDiffers)) return error;
    return new StateMisfit(error.message, error);
  }

  #restore({ step, engine: engineState, venue: venueState, records }: SessionState): void {
    const { journal, venue } = this.#options;
    const { engine, broker, log } = this.#session;
    try {
      engine.memory.restore(engineState);
      if (venue === undefined) broker.restore!(venueState, engine.risk.approvedBefore);
      else venue.restore(venueState, { step, approved: engine.risk.approvedBefore });
    } catch (error) {
      throw new StateMisfit((error as Error).message, error);
    }
    log.remember(journal.goOnAfter(records));
  }

  /** A close is done, the `steps`th step, and nothing is under way: stores the state where that is due. */
  async closed(steps: number, replaying: boolean): Promise<void> {
    const { journal, keepEvery = KEEP_EVERY } = this.#options;
    this.#closes += 1;
    if (replaying) return;
    if (this.#closes - this.#keptAt < Math.max(keepEvery, Math.floor(this.#closes / GROWTH))) return;
    this.#keptAt = this.#closes;
    const saved = this.#save();
    if (saved !== null) {
      await journal.commit({ strategy: this.#strategy, step: steps, records: journal.appended, ...saved });
    } else this.#cannot();
  }

  /** The last state stays: a restart goes on from there. Strategies that save nothing at all are known not to. */
  #cannot(): void {
    const { strategy } = this.#session.engine;
    if (this.#said || strategy.save === undefined) return;
    this.#said = true;
    const why = strategy.notes?.().find((note) => note.includes('cannot be saved')) ?? 'its strategy does not save it';
    this.#options.note?.(`what the session remembers is not stored: ${why}. A restart repeats the bars since`);
  }

  /** Null where a part of the session cannot be saved. */
  #save(): { readonly engine: Plain; readonly venue: Plain } | null {
    const { engine, broker } = this.#session;
    const saved = engine.memory.save();
    const edge = this.#options.venue;
    const venue = edge === undefined ? broker.save?.() : edge.save();
    return saved === null || venue === undefined ? null : { engine: saved, venue };
  }
}
