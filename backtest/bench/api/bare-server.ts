import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { Authenticator } from '../../../infra/auth/authenticator.ts';
import { mayDo } from '../../../infra/auth/identity.ts';
import { systemClock } from '../../../infra/clock.ts';
import { loadConfig } from '../../../infra/config.ts';
import { openDatabase } from '../../../infra/postgres/database.ts';
import { ordersOutput } from '../../../trading/sessions/operators/rows-output.ts';

// Entry of the process that `bench api` holds the service against: `node:http` and nothing else. It checks the same
// token and puts the same question to the database; what it is to answer from memory is put there by PUT. /cpu tells
// the processor seconds that it has taken.

const database = await openDatabase(loadConfig(), { migrate: false });
const authenticator = new Authenticator({ pool: database.pool, secret: new Uint8Array(32), clock: systemClock });
const kept = new Map<string, string>();

async function answerTo(request: IncomingMessage): Promise<string | undefined> {
  const known = kept.get(request.url!);
  if (known !== undefined) return known;
  const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
  const [session, limit] = [searchParams.get('session'), searchParams.get('limit')];
  if (pathname !== '/api/v1/orders' || session === null || limit === null) return undefined;
  return JSON.stringify((await ordersOutput(database, { session, limit })).value);
}

const server = createServer((request, response) => {
  const answer = async (): Promise<void> => {
    if (request.url === '/cpu') {
      const { user, system } = process.cpuUsage();
      return void response.end(String((user + system) / 1e6));
    }
    if (request.method === 'PUT') {
      kept.set(request.url!, await text(request));
      return void response.end();
    }
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const identity = await authenticator.identify(bearer);
    if (identity === null || !mayDo(identity, 'sessions:read')) return void response.writeHead(401).end();
    const said = await answerTo(request);
    if (said === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(said) });
    response.end(said);
  };
  answer().catch((error: Error) => response.writeHead(500).end(error.message));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  process.stdout.write(`${JSON.stringify({ address: `http://127.0.0.1:${port}` })}\n`);
});
