const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The names by which a browser may call this service. Whoever calls it by another is a web site that has been made to
 * point here: it would read our answers as its own.
 */
export class OwnNames {
  readonly #names: ReadonlySet<string>;
  /** The Host header that was found to be ours last: nearly every one is the same. */
  #last: string | undefined;

  constructor(others: readonly string[]) {
    this.#names = new Set([...LOOPBACK, ...others.map((name) => name.toLowerCase())]);
  }

  /** Whether a Host header names us, whatever the port. */
  isOwnHost(host: string | undefined): boolean {
    if (host !== undefined && host === this.#last) return true;
    const name = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(host ?? '')?.[1]?.toLowerCase() ?? '';
    const isOurs = this.#names.has(name);
    if (isOurs) this.#last = host;
    return isOurs;
  }

  /** Whether a page of `origin` is one of ours that was called by the same host. */
  isOwnOrigin(origin: string, host: string | undefined): boolean {
    if (!URL.canParse(origin)) return false;
    return new URL(origin).host === (host ?? '').toLowerCase() && this.isOwnHost(host);
  }
}
