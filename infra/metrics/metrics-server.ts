import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignalboxError } from '../errors.ts';
import { maskSecrets } from '../logging/mask-secrets.ts';
import { healthDocument, HEALTH_QUESTIONS, type HealthParts, type HealthQuestion } from './health-parts.ts';
import type { Metrics } from './metrics.ts';

export interface MetricsServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly metrics: Metrics;
  readonly health: HealthParts;
}

/** A client that sends its request slower than this is left, in ms. */
const REQUEST_MS_MAX = 5_000;
/** More connections than a scraper and a prober need are refused. */
const CONNECTIONS_MAX = 32;

/**
 * Answers `/metrics` and `/health/{live,ready,startup}` of one process, to whoever can reach the address, and nothing
 * else: figures, and no word that commands.
 */
export class MetricsServer {
  readonly #server: Server;
  readonly #options: MetricsServerOptions;
  url = '';

  private constructor(options: MetricsServerOptions) {
    this.#options = options;
    this.#server = createServer({ requestTimeout: REQUEST_MS_MAX, headersTimeout: REQUEST_MS_MAX });
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.on('request', (request, response) => {
      request.resume();
      void this.#answer(request.method ?? '', new URL(request.url ?? '/', 'http://local').pathname, response);
    });
    // A session ends when it is over: nobody who scrapes keeps it.
    this.#server.unref();
  }

  /** @throws SignalboxError where the address cannot be had */
  static async start(options: MetricsServerOptions): Promise<MetricsServer> {
    const server = new MetricsServer(options);
    const { host, port } = options;
    try {
      server.#server.listen(port, host);
      await once(server.#server, 'listening');
    } catch (error) {
      throw new SignalboxError(`Metrics cannot be served at ${host}:${port}: ${(error as Error).message}`, {
        remedy: 'Give another port with --metrics-port (0: any that is free), or unset SIGNALBOX_METRICS_PORT.',
        cause: error,
      });
    }
    const { address, port: given, family } = server.#server.address() as AddressInfo;
    server.url = `http://${family === 'IPv6' ? `[${address}]` : address}:${given}`;
    return server;
  }

  async end(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(method: string, path: string, response: ServerResponse): Promise<void> {
    try {
      if (method !== 'GET' && method !== 'HEAD') return send(response, 405, 'only GET is answered\n', { Allow: 'GET' });
      if (path === '/metrics') {
        const { type, text } = await this.#options.metrics.exposition();
        return send(response, 200, text, { 'Content-Type': type });
      }
      const question = HEALTH_QUESTIONS.find((one) => path === `/health/${one}`);
      if (question === undefined)
        return send(response, 404, 'there is /metrics, and /health/live, ready and startup\n');
      await this.#tell(question, response);
    } catch (error) {
      send(response, 500, `${maskSecrets((error as Error).message)}\n`);
    }
  }

  async #tell(question: HealthQuestion, response: ServerResponse): Promise<void> {
    const answer = await this.#options.health.answer(question);
    const document = healthDocument(answer);
    send(response, answer.ok ? 200 : 503, maskSecrets(`${JSON.stringify(document)}\n`), {
      'Content-Type': 'application/json',
    });
  }
}

function send(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  const plain = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
  response.writeHead(status, { ...plain, ...headers }).end(text);
}
