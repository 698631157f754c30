import type pg from 'pg';
import { fromPlain, toPlain, type Plain } from '../../plain-values.ts';
import type { VenueInput } from './venue-input.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/**
 * What a venue told a session, in the order in which the session took it: written before an order that rests on it
 * leaves, and given to the session again when it is restarted.
 */
export class VenueInputStore {
  readonly #client: Queryable;
  readonly #id: string;

  constructor(client: Queryable, sessionId: string) {
    this.#client = client;
    this.#id = sessionId;
  }

  /** Everything that was recorded, in order. */
  async read(): Promise<readonly VenueInput[]> {
    const { rows } = await this.#client.query<Omit<VenueInput, 'event'> & { readonly event: Plain }>(
      `SELECT position, step, commands, event FROM signalbox.venue_inputs WHERE session_id = $1 ORDER BY position`,
      [this.#id],
    );
    return rows.map((row) => ({ ...row, event: fromPlain(row.event) as VenueInput['event'] }));
  }

  /** What the venue told of one order, in order: answers to requests, executions, states. */
  async ofOrder(sequence: number): Promise<readonly VenueInput[]> {
    const { rows } = await this.#client.query<VenueInput>(
      `SELECT position, step, commands, event FROM signalbox.venue_inputs
       WHERE session_id = $1 AND event @> jsonb_build_object('sequence', $2::bigint) ORDER BY position`,
      [this.#id, sequence],
    );
    return rows;
  }

  /** Adds inputs by themselves: see `inputsStep`. */
  async append(inputs: readonly VenueInput[]): Promise<void> {
    await this.#client.query(inputsStep(this.#id, inputs));
  }
}

/** Adds inputs. An error where one of these positions is taken: another process runs the session. */
export function inputsStep(sessionId: string, inputs: readonly VenueInput[]): pg.QueryConfig {
  return {
    name: 'write-inputs',
    text: `INSERT INTO signalbox.venue_inputs (session_id, position, step, commands, event)
     SELECT $1, position, step, commands, event
     FROM jsonb_to_recordset($2::jsonb) AS added (position integer, step integer, commands integer, event jsonb)`,
    values: [sessionId, JSON.stringify(inputs.map((input) => ({ ...input, event: plainEvent(input) })))],
  };
}

/** JSON writes null for numbers that it has no word for, which counts as 0: what was refused would be booked. */
function plainEvent({ event }: VenueInput): Plain {
  // What is undefined is not there.
  return toPlain(Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined)));
}
