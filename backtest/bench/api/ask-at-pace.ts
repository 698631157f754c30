import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'undici';
import { quantilesOf } from '../console/quantiles.ts';

/** What is asked, by whom and how fast. */
export interface Pace {
  readonly path: string;
  readonly tokens: readonly string[];
  readonly seconds: number;
  /** Requests a second, evenly, whatever the answers take. */
  readonly rate: number;
  readonly connections: number;
}

export interface PacedAnswers {
  readonly answers: number;
  /** Answered by another status than 200, or not at all. */
  readonly faults: number;
  readonly seconds: number;
  readonly p99Ms: number;
}

/**
 * Asks at an even pace, as many clients do who know nothing of each other. How long an answer took counts from when its
 * request was due, so that a server that stands still is not spared what would have come meanwhile. (autocannon sends
 * all that is due in a second at its beginning, and counts a wait of 100 ms as a hundred waits.)
 */
export async function askAtPace(address: string, pace: Pace): Promise<PacedAnswers> {
  const { rate, connections } = pace;
  const asking = new Asking(address, pace);
  // Connections are there before the first request is due.
  await asking.ask(connections, () => connections);
  const beganMs = performance.now();
  const asked = await asking.ask(Math.round(rate * pace.seconds), () => ((performance.now() - beganMs) * rate) / 1_000);
  const seconds = (performance.now() - beganMs) / 1_000;
  await asking.end();
  const p99Ms = quantilesOf(Array.from(asked.answeredMs, (ms, at) => ms - (beganMs + (at * 1_000) / rate))).p99Ms;
  return { answers: asked.answeredMs.length - asked.faults, faults: asked.faults, seconds, p99Ms };
}

/** Connections that ask one thing after the other. */
class Asking {
  readonly #pace: Pace;
  readonly #clients: readonly Client[];
  /** Whoever asks nothing; a pool would look for one among all of them at each request. */
  readonly #idle: Client[];

  constructor(address: string, pace: Pace) {
    this.#pace = pace;
    this.#clients = Array.from({ length: pace.connections }, () => new Client(address, { pipelining: 1 }));
    this.#idle = [...this.#clients];
  }

  /** Asks `count` times, as many as `due` tells by now; resolves with when each was answered. */
  async ask(count: number, due: () => number): Promise<{ answeredMs: Float64Array; faults: number }> {
    const answeredMs = new Float64Array(count);
    let [asked, answered, faults] = [0, 0, 0];
    const askNext = (): void => {
      const at = asked;
      asked += 1;
      const client = this.#idle.pop()!;
      this.#dispatch(client, at, (isFault) => {
        answeredMs[at] = performance.now();
        answered += 1;
        if (isFault) faults += 1;
        this.#idle.push(client);
        // What was due while everybody waited.
        if (asked < count && asked < due()) askNext();
      });
    };
    while (answered < count) {
      const dueNow = Math.min(count, due());
      while (asked < dueNow && this.#idle.length > 0) askNext();
      await pause(1);
    }
    return { answeredMs, faults };
  }

  async end(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  /** Nothing is made of the answer: who asks is to cost less than who answers. */
  #dispatch(client: Client, at: number, then: (isFault: boolean) => void): void {
    const { path, tokens } = this.#pace;
    let status = 0;
    client.dispatch(
      { path, method: 'GET', headers: { authorization: `Bearer ${tokens[at % tokens.length]!}` } },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, statusCode) => void (status = statusCode),
        onResponseData: () => undefined,
        onResponseEnd: () => then(status !== 200),
        onResponseError: () => then(true),
      },
    );
  }
}
