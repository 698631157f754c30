import WebSocket from 'ws';

/** A message of the socket as a client has it. */
export interface SocketMessage {
  readonly type: string;
  readonly channel: string;
  readonly sequence: number;
  readonly timeMs: number;
  readonly data: unknown;
}

/** A client of the socket that keeps what it is told. */
export class SocketListener {
  readonly messages: SocketMessage[] = [];
  readonly socket: WebSocket;
  /** The code with which it was closed, or the status of the answer that was no socket. */
  readonly closed: Promise<number>;
  #wake: () => void = () => undefined;

  /** @param origin such as `ws://127.0.0.1:4100` */
  constructor(origin: string, path: string, headers: Readonly<Record<string, string>>) {
    this.socket = new WebSocket(`${origin}${path}`, { headers });
    this.socket.on('message', (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as SocketMessage);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', resolve);
      this.socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode!);
        this.socket.terminate();
      });
      this.socket.on('error', () => undefined);
    });
  }

  /** One that listens to channels by a token from the start. */
  static to(origin: string, token: string, channels: string, interval = 100): SocketListener {
    const query = `channels=${encodeURIComponent(channels)}&interval=${interval}`;
    return new SocketListener(origin, `/api/v1/ws?${query}`, { authorization: `Bearer ${token}` });
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first message that is so, come or to come. */
  async first(wanted: (message: SocketMessage) => boolean): Promise<SocketMessage> {
    for (;;) {
      const found = this.messages.find(wanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** Messages of a type and channel. */
export const of = (type: string, channel: string) => (message: SocketMessage) =>
  message.type === type && message.channel === channel;
