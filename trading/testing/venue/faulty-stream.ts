import type { Server } from 'node:http';
import type { WebSocket } from 'ws';
import { WebSocketServer, type RawData } from 'ws';
import type { FaultScript } from './stand-in-faults.ts';

export interface StreamClient {
  readonly socket: WebSocket;
  listening: boolean;
  muted: boolean;
  /** Messages that are told after the next one, the last first. */
  kept: string[];
}

export interface FaultyStreamOptions {
  readonly server: Server;
  /** Only connections to this path; to all where absent. */
  readonly path?: string | undefined;
  /** A client has connected to `path`. */
  readonly onConnect?: ((client: StreamClient, path: string) => void) | undefined;
  readonly faults: () => FaultScript;
  /** A client has said something. */
  readonly onMessage: (client: StreamClient, text: string) => void;
  /** What a message looks like that lacks what it is about. */
  readonly malformed: (text: string) => string;
}

/** The WebSocket of a venue that stands in: it tells what it is given to tell, as well as the script lets it. */
export class FaultyStream {
  readonly #sockets: WebSocketServer;
  readonly #clients = new Set<StreamClient>();
  readonly #options: FaultyStreamOptions;

  constructor(options: FaultyStreamOptions) {
    this.#options = options;
    const { server, path } = options;
    this.#sockets = new WebSocketServer(path === undefined ? { server } : { server, path });
    this.#sockets.on('connection', (socket, request) => this.#greet(socket, request.url ?? ''));
  }

  /** Clients that are told of orders. */
  get listeners(): number {
    return [...this.#clients].filter(({ listening }) => listening).length;
  }

  tell(event: string, text: string): void {
    for (const client of this.#clients) if (client.listening) this.#tellOne(client, event, text);
  }

  /** Cuts every connection. */
  drop(): void {
    for (const { socket } of this.#clients) socket.terminate();
  }

  /** Connections stay open and say nothing more: they answer pings. */
  mute(): void {
    for (const client of this.#clients) client.muted = true;
  }

  /** Connections stay open and are read no more: pings stay unanswered. */
  stall(): void {
    for (const { socket } of this.#clients) socket.pause();
  }

  close(): void {
    this.drop();
    this.#sockets.close();
  }

  #greet(socket: WebSocket, path: string): void {
    const client: StreamClient = { socket, listening: false, muted: false, kept: [] };
    this.#clients.add(client);
    socket.on('close', () => this.#clients.delete(client));
    socket.on('error', () => undefined);
    socket.on('message', (data: RawData) => {
      const text = Buffer.isBuffer(data) ? data.toString() : Buffer.from(data as ArrayBuffer).toString();
      this.#options.onMessage(client, text);
    });
    this.#options.onConnect?.(client, path);
  }

  #tellOne(client: StreamClient, event: string, text: string): void {
    const fault = this.#options.faults().message(event);
    if (fault === 'mute') client.muted = true;
    if (client.muted || fault === 'skip') return;
    if (fault === 'drop') return client.socket.terminate();
    if (fault === 'hold' || (fault === 'reorder' && client.kept.length === 0)) return void client.kept.push(text);
    client.socket.send(fault === 'malformed' ? this.#options.malformed(text) : text);
    if (fault === 'repeat') client.socket.send(text);
    for (let kept = client.kept.pop(); kept !== undefined; kept = client.kept.pop()) client.socket.send(kept);
  }
}
