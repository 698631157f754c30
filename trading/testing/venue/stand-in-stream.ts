import type { Server } from 'node:http';
import type { WebSocket } from 'ws';
import { WebSocketServer, type RawData } from 'ws';
import type { FaultScript } from './stand-in-faults.ts';

interface Client {
  readonly socket: WebSocket;
  listening: boolean;
  muted: boolean;
  /** A message that is told after the next one. */
  kept: string | null;
}

/** The stream of trade updates of the venue that stands in: it authenticates, and tells what it is given to tell. */
export class StandInStream {
  /** The next connections are refused their credentials. */
  refuses = false;
  readonly #sockets: WebSocketServer;
  readonly #clients = new Set<Client>();
  readonly #faults: () => FaultScript;
  readonly #key: { readonly keyId: string; readonly secretKey: string };

  constructor(server: Server, key: { readonly keyId: string; readonly secretKey: string }, faults: () => FaultScript) {
    this.#faults = faults;
    this.#key = key;
    this.#sockets = new WebSocketServer({ server, path: '/stream' });
    this.#sockets.on('connection', (socket) => this.#greet(socket));
  }

  /** Clients that are told of orders. */
  get listeners(): number {
    return [...this.#clients].filter(({ listening }) => listening).length;
  }

  tell(event: string, data: Readonly<Record<string, unknown>>): void {
    const text = JSON.stringify({ stream: 'trade_updates', data });
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

  #greet(socket: WebSocket): void {
    const client: Client = { socket, listening: false, muted: false, kept: null };
    this.#clients.add(client);
    socket.on('close', () => this.#clients.delete(client));
    socket.on('error', () => undefined);
    socket.on('message', (data: RawData) => this.#answer(client, data));
  }

  #answer(client: Client, data: RawData): void {
    const text = Buffer.isBuffer(data) ? data.toString() : Buffer.from(data as ArrayBuffer).toString();
    const { action, data: body = {} } = JSON.parse(text) as { action: string; data?: Record<string, unknown> };
    if (action === 'authenticate') {
      const isKnown = body.key_id === this.#key.keyId && body.secret_key === this.#key.secretKey && !this.refuses;
      const status = isKnown ? 'authorized' : 'unauthorized';
      client.socket.send(JSON.stringify({ stream: 'authorization', data: { status, action } }));
    }
    if (action !== 'listen') return;
    client.listening = true;
    client.socket.send(JSON.stringify({ stream: 'listening', data: { streams: ['trade_updates'] } }));
  }

  #tellOne(client: Client, event: string, text: string): void {
    const fault = this.#faults().message(event);
    if (fault === 'mute') client.muted = true;
    if (client.muted || fault === 'skip') return;
    if (fault === 'drop') return client.socket.terminate();
    if (fault === 'reorder' && client.kept === null) {
      client.kept = text;
      return;
    }
    client.socket.send(fault === 'malformed' ? text.replace('"order":{', '"order":null,"was":{') : text);
    if (fault === 'repeat') client.socket.send(text);
    if (client.kept !== null) client.socket.send(client.kept);
    client.kept = null;
  }
}
