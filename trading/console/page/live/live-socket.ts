/** Nothing heard for so long: the service tells that it is there every five seconds. */
const SILENT_MS = 12_000;
/** Least time between two messages of a channel: what happens is to be seen at once. */
const INTERVAL_MS = 50;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;
/** The sign-in has to be refreshed before the socket is opened anew. */
const STALE_SIGN_IN = 4401;

export interface LiveMessage {
  readonly type: 'snapshot' | 'update' | 'event' | 'heartbeat';
  readonly channel: string;
  readonly sequence: number;
  readonly timeMs: number;
  readonly data: unknown;
}

export interface LiveSocketOptions {
  readonly onMessage: (message: LiveMessage) => void;
  readonly onOpen: (isOpen: boolean) => void;
  /** Gets new cookies. */
  readonly refresh: () => Promise<void>;
}

/** Listens to the service, and goes on listening when the way to it was cut: each time with the whole of each list. */
export class LiveSocket {
  readonly #options: LiveSocketOptions;
  #channels: readonly string[] = [];
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #waitMs = RETRY_MS_MIN;
  #isEnded = false;

  constructor(options: LiveSocketOptions) {
    this.#options = options;
    // Pages that are left at once, as development does with every one, open none.
    this.#timer = setTimeout(() => this.#connect(), 0);
  }

  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    const socket = this.#socket;
    // A browser complains of one that is closed before it is open.
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket?.close();
  }

  /** What is listened to from now on. */
  listenTo(channels: readonly string[]): void {
    const before = this.#channels;
    this.#channels = channels;
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    for (const channel of before) if (!channels.includes(channel)) this.#say('unsubscribe', channel);
    for (const channel of channels) if (!before.includes(channel)) this.#say('subscribe', channel);
  }

  #say(type: 'subscribe' | 'unsubscribe', channel: string): void {
    this.#socket!.send(JSON.stringify({ type, channel }));
  }

  #connect(): void {
    const { onMessage, onOpen } = this.#options;
    const url = new URL(`/api/v1/ws?interval=${INTERVAL_MS}`, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#waitMs = RETRY_MS_MIN;
      for (const channel of this.#channels) this.#say('subscribe', channel);
      this.#hear();
      onOpen(true);
    };
    socket.onmessage = ({ data }) => {
      this.#hear();
      onMessage(JSON.parse(data as string) as LiveMessage);
    };
    socket.onclose = ({ code }) => {
      clearTimeout(this.#silence);
      if (this.#isEnded) return;
      onOpen(false);
      this.#again(code);
    };
  }

  #again(code: number): void {
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(RETRY_MS_MAX, 2 * waitMs);
    this.#timer = setTimeout(() => {
      const ready = code === STALE_SIGN_IN ? this.#options.refresh() : Promise.resolve();
      void ready.then(() => {
        if (!this.#isEnded) this.#connect();
      });
    }, waitMs);
  }

  #hear(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#socket?.close(), SILENT_MS);
  }
}
