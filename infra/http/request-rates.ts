/** How many requests a client may make within any second of its own. */
const PER_SECOND = 100;
const CLIENTS_MAX = 20_000;

interface Window {
  startMs: number;
  requests: number;
}

/** Counts requests by client, in windows of a second that begin with the first. */
export class RequestRates {
  readonly #windows = new Map<string, Window>();
  readonly #perSecond: number;

  constructor(perSecond = PER_SECOND) {
    this.#perSecond = perSecond;
  }

  /** Milliseconds until the client may ask again; 0 where it may now. */
  take(client: string, nowMs: number): number {
    const window = this.#windows.get(client);
    if (window === undefined || nowMs - window.startMs >= 1_000 || nowMs < window.startMs) {
      if (window === undefined && this.#windows.size >= CLIENTS_MAX) this.#forgetOld(nowMs);
      this.#windows.set(client, { startMs: nowMs, requests: 1 });
      return 0;
    }
    window.requests += 1;
    return window.requests <= this.#perSecond ? 0 : window.startMs + 1_000 - nowMs;
  }

  #forgetOld(nowMs: number): void {
    for (const [client, { startMs }] of this.#windows) {
      if (nowMs - startMs >= 1_000 || this.#windows.size >= CLIENTS_MAX) this.#windows.delete(client);
    }
  }
}
