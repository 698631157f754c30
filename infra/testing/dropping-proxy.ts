import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What happens to a request: `lose-request` before the server sees it, `lose-answer` after the server has acted,
 * `late`: it reaches the server only after `LATE_MS`, and its answer is lost.
 */
export type Fault = 'lose-request' | 'lose-answer' | 'late';

export const LATE_MS = 3000;

export interface DroppingProxy {
  readonly uri: string;
  /** Requests that were forwarded, as `POST /path`. */
  readonly seen: string[];
  /** Decides about each request; null lets it pass. */
  decide: (call: string, body: Buffer) => Fault | null;
  /** Called when a fault strikes, before the connection is closed. */
  onFault: (call: string, fault: Fault) => void;
  close(): Promise<void>;
}

/**
 * A proxy on loopback that passes everything on to `target` and loses what its `decide` says: a real network on a bad
 * day.
 */
export async function startDroppingProxy(target: string): Promise<DroppingProxy> {
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  const proxy: DroppingProxy = {
    uri: '',
    seen: [],
    decide: () => null,
    onFault: () => undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const call = `${incoming.method} ${incoming.url!.split('?')[0]}`;
    const body = await read(incoming);
    const fault = proxy.decide(call, body);
    const lose = (kind: Fault): void => {
      proxy.onFault(call, kind);
      incoming.socket.destroy();
    };
    if (fault === 'lose-request') return lose(fault);
    if (fault === 'late') await sleep(LATE_MS);
    proxy.seen.push(call);
    const answer = await forward(target, incoming, body);
    if (fault !== null) return lose(fault);
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(proxy, { uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

function forward(target: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = new URL(incoming.url!, target);
    const options = {
      method: incoming.method!,
      headers: { ...incoming.headers, host: url.host, connection: 'close' },
      agent: false as const,
    };
    const onward = request(url, options, (answer) => {
      read(answer).then(
        (received) => resolve({ status: answer.statusCode!, headers: answer.headers, body: received }),
        reject,
      );
    });
    onward.once('error', (error) => resolve({ status: 502, headers: {}, body: Buffer.from(error.message) }));
    onward.end(body);
  });
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
