import { readFile } from 'node:fs/promises';
import Fastify from 'fastify';
import { SignalboxError } from '../../infra/errors.ts';
import { isPortFree } from '../../infra/postgres/free-port.ts';

/** The first port tried when none is asked for. */
const PORT_DEFAULT = 4380;
const PORTS_TRIED = 20;
const REMEDY = 'Give a free one with --port N.';

/** A report that is being served. */
export interface ServedReport {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the report at `path`, and nothing else, on loopback. The file is read at each request, so that a reload shows a
 * later run. With `port` exactly that one is used: SignalboxError when it is taken; otherwise the first free one from 4380.
 */
export async function serveReport(path: string, port: number | null): Promise<ServedReport> {
  const server = Fastify({ logger: false });
  server.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(await readFile(path)));
  server.addHook('onSend', async (_request, reply) => {
    // The page is self-contained: inline style and SVG, no script, no network.
    reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
    reply.header('cache-control', 'no-store');
  });
  const candidates = port === null ? Array.from({ length: PORTS_TRIED }, (_, i) => PORT_DEFAULT + i) : [port];
  for (const candidate of candidates) {
    try {
      const url = await server.listen({ host: '127.0.0.1', port: candidate });
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

/** Fails when `port` of loopback cannot be had now: asked before the work whose report it is to serve. */
export async function assertPortFree(port: number): Promise<void> {
  if (!(await isPortFree(port))) throw portTaken(port);
}

function portTaken(port: number): SignalboxError {
  return new SignalboxError(`Port ${port} is in use on this machine, or may not be used.`, { remedy: REMEDY });
}
