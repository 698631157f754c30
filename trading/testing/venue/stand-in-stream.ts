import type { Server } from 'node:http';
import { FaultyStream, type StreamClient } from './faulty-stream.ts';
import type { FaultScript } from './stand-in-faults.ts';

interface Key {
  readonly keyId: string;
  readonly secretKey: string;
}

/** The stream of trade updates of the venue that stands in: it authenticates, and tells what it is given to tell. */
export class StandInStream {
  /** The next connections are refused their credentials. */
  refuses = false;
  readonly #stream: FaultyStream;
  readonly #key: Key;

  constructor(server: Server, key: Key, faults: () => FaultScript) {
    this.#key = key;
    this.#stream = new FaultyStream({
      server,
      path: '/stream',
      faults,
      onMessage: (client, text) => this.#answer(client, text),
      malformed: (text) => text.replace('"order":{', '"order":null,"was":{'),
    });
  }

  /** Clients that are told of orders. */
  get listeners(): number {
    return this.#stream.listeners;
  }

  tell(event: string, data: Readonly<Record<string, unknown>>): void {
    this.#stream.tell(event, JSON.stringify({ stream: 'trade_updates', data }));
  }

  /** Cuts every connection. */
  drop(): void {
    this.#stream.drop();
  }

  /** Connections stay open and say nothing more: they answer pings. */
  mute(): void {
    this.#stream.mute();
  }

  /** Connections stay open and are read no more: pings stay unanswered. */
  stall(): void {
    this.#stream.stall();
  }

  close(): void {
    this.#stream.close();
  }

  #answer(client: StreamClient, text: string): void {
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
}
