import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { ProtocolMood, StreamProtocol } from './stream-protocol.ts';

/** A server on the loopback that speaks a vendor's stream, and does to its clients what it is told to. */
export class StreamServer {
  readonly protocol: StreamProtocol;
  mood: ProtocolMood = { credentials: 'accepted', subscriptions: 'accepted' };
  /** Paths that clients asked for, in order: one each connection. */
  readonly paths: string[] = [];
  /** Clients that got a subscription, newest last. */
  readonly #subscribed = new Set<WebSocket>();
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #stalled = new WeakSet<WebSocket>();

  private constructor(protocol: StreamProtocol) {
    this.protocol = protocol;
    this.#http = createServer((_request, response) => response.writeHead(404).end());
    this.#sockets = new WebSocketServer({ server: this.#http });
    this.#sockets.on('connection', (socket, request) => this.#greet(socket, request.url ?? ''));
  }

  static async start(protocol: StreamProtocol): Promise<StreamServer> {
    const server = new StreamServer(protocol);
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Clients that would receive what is sent. */
  get listeners(): number {
    return this.#subscribed.size;
  }

  /** Clients connected. */
  get clients(): number {
    return this.#sockets.clients.size;
  }

  /** Sends a frame to every client that has subscribed and is not stalled. */
  send(frame: Buffer | null): void {
    if (frame === null) return;
    for (const socket of this.#subscribed) this.#sendTo(socket, frame);
  }

  /** Leaves the connections open and says nothing more on them. */
  stall(): void {
    for (const socket of this.#sockets.clients) this.#stalled.add(socket);
  }

  /** Ends every connection: with a close frame, or by cutting the line. */
  drop(how: 'close' | 'cut'): void {
    for (const socket of this.#sockets.clients) {
      if (how === 'close') socket.close(1012, 'restart');
      else socket.terminate();
    }
    this.#subscribed.clear();
  }

  async stop(): Promise<void> {
    this.drop('cut');
    this.#sockets.close();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  #greet(socket: WebSocket, path: string): void {
    this.paths.push(path);
    socket.on('message', (data) =>
      this.#answer(socket, Buffer.isBuffer(data) ? data : Buffer.from(data as ArrayBuffer)),
    );
    socket.on('close', () => this.#subscribed.delete(socket));
    for (const frame of this.protocol.greeting) this.#sendTo(socket, frame);
  }

  #answer(socket: WebSocket, message: Buffer): void {
    const { frames, subscribed } = this.protocol.answer(message, this.mood);
    for (const frame of frames) this.#sendTo(socket, frame);
    if (subscribed === true) this.#subscribed.add(socket);
  }

  #sendTo(socket: WebSocket, frame: Buffer): void {
    if (socket.readyState !== WebSocket.OPEN || this.#stalled.has(socket)) return;
    socket.send(frame, { binary: this.protocol.binary });
  }
}
