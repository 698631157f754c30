import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { createRandom, type Random } from '../../../infra/random.ts';
import type { Level } from '../book-side.ts';

/** What goes wrong with the next message, or with the next snapshot. */
export type BookFault = 'skip' | 'garble' | 'cut' | 'mute' | 'stale' | 'refuse';

/** A server that speaks Binance's order book by HTTP and WebSocket, and keeps a book of its own that moves. */
export class BinanceBookServer {
  fault: BookFault | null = null;
  snapshots = 0;
  connections = 0;
  readonly #sides = { bids: new Map<number, number>(), asks: new Map<number, number>() };
  readonly #random: Random;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #subscribed = new Set<WebSocket>();
  #old: { lastUpdateId: number; bids: [string, string][]; asks: [string, string][] } | null = null;
  #update = 5_000;
  #middle = 10_000;

  private constructor(seed: number) {
    this.#random = createRandom(`book-server/${seed}`);
    this.#http = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://server');
      const isRefused = this.fault === 'refuse';
      if (isRefused) this.fault = null;
      const isDepth = url.pathname === '/api/v3/depth' && !isRefused;
      response.writeHead(isDepth ? 200 : 503, { 'content-type': 'application/json' });
      response.end(isDepth ? JSON.stringify(this.#answer(Number(url.searchParams.get('limit')))) : '{}');
    });
    this.#sockets = new WebSocketServer({ server: this.#http });
    this.#sockets.on('connection', (socket) => {
      this.connections += 1;
      socket.on('message', (data) => {
        const { id, method } = JSON.parse((data as Buffer).toString()) as { id: number; method: string };
        if (method !== 'SUBSCRIBE') return;
        socket.send(JSON.stringify({ result: null, id }));
        this.#subscribed.add(socket);
      });
      socket.on('close', () => this.#subscribed.delete(socket));
    });
    for (let step = 0; step < 50; step++) this.#move();
  }

  static async start(seed: number): Promise<BinanceBookServer> {
    const server = new BinanceBookServer(seed);
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get streamUrl(): string {
    return this.url.replace('http', 'ws');
  }

  /** Id of the last update. */
  get update(): number {
    return this.#update;
  }

  /** Its levels, the best first. */
  levels(side: 'bids' | 'asks'): Level[] {
    const sign = side === 'bids' ? -1 : 1;
    return [...this.#sides[side]].sort(([a], [b]) => sign * (a - b));
  }

  /** The book moves, and whoever has subscribed is told, unless something goes wrong. */
  step(): void {
    const first = this.#update + 1;
    const moved = this.#move();
    const fault = this.fault;
    if (fault === 'mute') return;
    if (fault === 'skip' || fault === 'garble' || fault === 'cut') this.fault = null;
    if (fault === 'skip') return;
    if (fault === 'cut') return void this.#sockets.clients.forEach((socket) => socket.terminate());
    const texts = (levels: readonly Level[]) => levels.map(([price, size]) => [String(price), String(size)]);
    const data = {
      ...{ e: 'depthUpdate', E: 1_700_000_000_000, s: 'BTCUSDT', U: first, u: this.#update },
      ...{ b: texts(moved.bids), a: texts(moved.asks) },
    };
    const frame = JSON.stringify({ stream: 'btcusdt@depth@100ms', data });
    const sent = fault === 'garble' ? frame.replace('"U":', '"V":') : frame;
    for (const socket of this.#subscribed) if (socket.readyState === WebSocket.OPEN) socket.send(sent);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  #answer(limit: number) {
    this.snapshots += 1;
    if (this.fault === 'stale' && this.#old !== null) {
      this.fault = null;
      return this.#old;
    }
    const texts = (side: 'bids' | 'asks') =>
      this.levels(side)
        .slice(0, limit)
        .map(([price, size]): [string, string] => [String(price), String(size)]);
    return (this.#old = { lastUpdateId: this.#update, bids: texts('bids'), asks: texts('asks') });
  }

  #move(): { readonly bids: Level[]; readonly asks: Level[] } {
    const integer = (below: number): number => Math.floor(this.#random.next() * below);
    const changed = { bids: [] as Level[], asks: [] as Level[] };
    this.#update += 1 + integer(3);
    this.#middle += integer(5) - 2;
    for (const side of ['bids', 'asks'] as const) {
      for (const price of this.#sides[side].keys()) {
        if (side === 'bids' ? price < this.#middle : price > this.#middle) continue;
        this.#sides[side].delete(price);
        changed[side].push([price, 0]);
      }
      for (let count = 0; count < 4; count++) {
        const away = 1 + integer(30);
        const price = side === 'bids' ? this.#middle - away : this.#middle + away;
        const size = 1 + integer(50);
        this.#sides[side].set(price, size);
        changed[side].push([price, size]);
      }
    }
    return changed;
  }
}
