import type pg from 'pg';
import type { AskedOutcome } from '../../orders/asked-order.ts';
import { markTaken, readTaken, readWaiting } from '../session-store.ts';
import type { TakenCommand, TakenMark } from './taken-command.ts';
import { writerStanding } from './session-writer-store.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/**
 * The commands of one session: those taken up before are repeated at their step, new ones are taken up at the step that
 * asks.
 */
export class SessionCommands {
  /** The last step that an earlier process is known to have begun, -1 for none: new commands come after it. */
  readonly begun: number;
  readonly #client: Queryable;
  readonly #id: string;
  readonly #taken: ReadonlyMap<number, readonly TakenCommand[]>;
  /** Those that were taken up by this process: that they were may not be on record yet. */
  readonly #seen = new Set<number>();

  private constructor(
    client: Queryable,
    id: string,
    before: { readonly begun: number; readonly taken: ReadonlyMap<number, readonly TakenCommand[]> },
  ) {
    this.#client = client;
    this.#id = id;
    this.begun = before.begun;
    this.#taken = before.taken;
  }

  static async load(client: Queryable, id: string): Promise<SessionCommands> {
    const { taken, step } = await readTaken(client, id);
    const standing = await writerStanding(client, id);
    const begun = Math.max(step ?? -1, standing?.step ?? -1, ...taken.keys());
    return new SessionCommands(client, id, { begun, taken });
  }

  /** What was taken up at `step` before a restart. */
  replayed(step: number): readonly TakenCommand[] {
    return this.#taken.get(step) ?? [];
  }

  /**
   * Takes up what is waiting, once. A session that has ended takes nothing.
   * @param timeMs moment at which it takes effect; null for that of the close before
   * @param record takes that it was taken up, to be made durable with what it leads to; at once by default
   */
  async take(
    step: number,
    timeMs: number | null,
    record?: (marks: readonly TakenMark[]) => void,
  ): Promise<readonly TakenCommand[]> {
    const waiting = (await readWaiting(this.#client, this.#id)).filter(({ id }) => !this.#seen.has(id));
    if (waiting.length === 0) return [];
    for (const { id } of waiting) this.#seen.add(id);
    const marks = waiting.map(({ id, late }): TakenMark => {
      return late ? { id, step, timeMs, outcome: { is: 'too-late' } } : { id, step, timeMs };
    });
    if (record === undefined) await markTaken(this.#client, this.#id, marks);
    else record(marks);
    // A mark is written with the commit of what the command led to: what became of it is known by then.
    const answering = (mark: TakenMark) => (outcome: AskedOutcome) => void (mark.outcome = outcome);
    return waiting.flatMap(({ late, id, ...command }, at) => {
      if (late) return [];
      return [{ ...command, timeMs, ...(command.asked === undefined ? {} : { id, answer: answering(marks[at]!) }) }];
    });
  }
}
