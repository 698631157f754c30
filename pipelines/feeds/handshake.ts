import { VendorError, type VendorErrorKind } from '../vendors/vendor-error.ts';
import type { ConnectOptions, StreamConnection } from './stream-connection.ts';

/**
 * The promise behind `StreamConnector.connect` for SDKs that speak in events: it is settled once, an abort refuses it,
 * and from then on the end of the socket goes to `onClose`. However it ends, `release` is called once to let go of the
 * socket.
 */
export class Handshake {
  readonly result: Promise<StreamConnection>;
  readonly #vendor: string;
  readonly #options: Pick<ConnectOptions, 'onClose' | 'signal'>;
  readonly #release: () => void;
  #state: 'opening' | 'open' | 'over' = 'opening';
  #resolve: (connection: StreamConnection) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(vendor: string, options: Pick<ConnectOptions, 'onClose' | 'signal'>, release: () => void) {
    this.#vendor = vendor;
    this.#options = options;
    this.#release = release;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    options.signal.addEventListener('abort', () => this.#fail(options.signal.reason as Error), { once: true });
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Everything is acknowledged. */
  opened(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    this.#resolve({ close: () => this.#end() });
  }

  /** The vendor says no. Before the connection is open this refuses it, afterwards it is what ended it. */
  refused(kind: VendorErrorKind, detail: string): void {
    if (this.#state === 'open') return this.closed(detail);
    this.#fail(new VendorError({ kind, vendor: this.#vendor, endpoint: 'stream', detail }));
  }

  /** The socket is gone. */
  closed(reason: string): void {
    if (this.#state === 'opening') return this.refused('unavailable', reason);
    if (this.#end()) this.#options.onClose(reason);
  }

  #fail(error: Error): void {
    if (this.#state !== 'opening') return;
    this.#end();
    this.#reject(error);
  }

  #end(): boolean {
    if (this.#state === 'over') return false;
    this.#state = 'over';
    this.#release();
    return true;
  }
}
