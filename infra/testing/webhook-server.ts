import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { AlertMessage } from '../alerts/alert.ts';

/** How a webhook answers: not at all, by closing the connection, by refusing, late, or as it should. */
type Answer = 'hang' | 'dead' | 'refuse' | 'slow' | 'alive';

const SLOW_MS = 150;

/** A real server that alerts are posted to. */
export class WebhookServer {
  readonly #server: Server;
  readonly url: string;
  /** How it answers a message. */
  answer: (message: AlertMessage) => Answer = () => 'alive';
  /** Every message that came. */
  readonly asked: AlertMessage[] = [];
  /** Those that it took. */
  readonly taken: AlertMessage[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/of-an-operator`;
  }

  static async start(): Promise<WebhookServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const webhook = new WebhookServer(server);
    server.on('request', (request, response) => {
      void text(request).then((body) => webhook.#take(JSON.parse(body) as AlertMessage, response));
    });
    return webhook;
  }

  #take(message: AlertMessage, response: ServerResponse): void {
    this.asked.push(message);
    const answer = this.answer(message);
    if (answer === 'hang') return;
    if (answer === 'dead') return void response.destroy();
    if (answer === 'refuse') return void response.writeHead(400).end();
    const take = (): void => {
      this.taken.push(message);
      response.writeHead(204).end();
    };
    if (answer === 'slow') setTimeout(take, SLOW_MS);
    else take();
  }

  reset(): void {
    this.answer = () => 'alive';
    this.asked.length = 0;
    this.taken.length = 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
