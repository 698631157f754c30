import { readFile } from 'node:fs/promises';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { SignalboxError } from '../../infra/errors.ts';
import { isPortFree } from '../../infra/postgres/embedded/free-port.ts';
import { REPORT_POLICY } from '../report/report-policy.ts';

/** The first port tried when none is asked for. */
const PORT_DEFAULT = 4380;
const PORTS_TRIED = 20;
const REMEDY = 'Give a free one with --port N.';

const HOST = '127.0.0.1';

/** What a browser on this machine may call us. */
const OWN_NAMES: ReadonlySet<string> = new Set(['localhost', HOST, '[::1]']);

/** The page is self-contained: inline style and SVG, one script by its hash, no network, in nobody's frame. */
const HEADERS = {
  'content-security-policy': [...REPORT_POLICY, "frame-ancestors 'none'"].join('; '),
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** A report that is being served. */
export interface ServedReport {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the report at `path`, and nothing else, on loopback, and under the names of loopback only: a page elsewhere
 * whose name is made to lead here gets nothing. The file is read at each request, so that a reload shows a later run.
 * With `port` exactly that one is used: SignalboxError when it is taken; otherwise the first free one from 4380.
 */
export async function serveReport(path: string, port: number | null): Promise<ServedReport> {
  // What the router cannot read never comes to the hooks.
  const frameworkErrors = (_error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    void reply.headers(HEADERS).type('text/plain; charset=utf-8');
    if (isOwnName(request)) void reply.code(400).send('There is no such page.\n');
    else refuseName(reply);
  };
  const server = Fastify({ logger: false, frameworkErrors });
  refuseOtherNames(server);
  server.addHook('onSend', async (_request, reply) => void reply.headers(HEADERS));
  server.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(await readFile(path)));
  const candidates = port === null ? Array.from({ length: PORTS_TRIED }, (_, i) => PORT_DEFAULT + i) : [port];
  for (const candidate of candidates) {
    try {
      const url = await server.listen({ host: HOST, port: candidate });
      return { url, close: () => server.close() };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    }
  }
  if (port !== null) throw portTaken(port);
  throw new SignalboxError(`Ports ${candidates[0]} to ${candidates.at(-1)} are in use on this machine.`, {
    remedy: REMEDY,
  });
}

/**
 * 421 (misdirected request) to whoever calls us by another name: DNS rebinding would show our pages to any web site.
 */
function refuseOtherNames(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => (isOwnName(request) ? undefined : refuseName(reply)));
}

function isOwnName({ headers }: FastifyRequest): boolean {
  const name = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(headers.host ?? '')?.[1]?.toLowerCase() ?? '';
  return OWN_NAMES.has(name);
}

function refuseName(reply: FastifyReply): FastifyReply {
  return reply
    .code(421)
    .type('text/plain; charset=utf-8')
    .send('This server has another name: open the address that it printed.\n');
}

/** Fails when `port` of loopback cannot be had now: asked before the work whose report it is to serve. */
export async function assertPortFree(port: number): Promise<void> {
  if (!(await isPortFree(port))) throw portTaken(port);
}

function portTaken(port: number): SignalboxError {
  return new SignalboxError(`Port ${port} is in use on this machine, or may not be used.`, { remedy: REMEDY });
}
