import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { packageRoot } from '../../infra/package-root.ts';

/** Scripts of ours alone, and nobody's frame. Charts set their sizes by style. */
const POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Signalbox</title></head>
<body><h1>Signalbox</h1>
<p>The service runs. The console has not been built here: <code>node setup.mjs</code> in the checkout builds it,
then start the service again.</p>
<p><a href="/api/docs">The routes</a></p></body></html>
`;

/** Where the built console is looked for. */
const consoleFolder = (): string => join(packageRoot(), 'trading', 'console', 'dist');

/** Whether there is a console to serve. */
export const isConsoleBuilt = (folder = consoleFolder()): boolean => existsSync(join(folder, 'index.html'));

/** Serves the console at `/`, or a page that says how to get it. Its own paths all lead to its one page. */
export async function serveConsole(app: FastifyInstance, folder = consoleFolder()): Promise<void> {
  const page = { config: { permission: 'open' as const }, schema: { hide: true } };
  if (!isConsoleBuilt(folder)) {
    app.get('/', page, (_request, reply) =>
      reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(NOT_BUILT),
    );
    return;
  }
  app.addHook('onRoute', (added) => {
    if (added.url.startsWith('/*') || added.url === '/') added.config = { ...added.config, permission: 'open' };
  });
  await app.register(fastifyStatic, { root: folder, wildcard: false, serve: false, preCompressed: true });
  app.get('/*', page, (request, reply) => {
    const path = request.url.split('?')[0]!.slice(1);
    void reply.header('content-security-policy', POLICY);
    // Built files have their hash in their names.
    if (/^assets\/[\w.-]+$/.test(path)) return reply.sendFile(path, { maxAge: '365d', immutable: true });
    if (/^[\w-]+\.(?:svg|png|ico|js|webmanifest|txt)$/.test(path)) return reply.sendFile(path, { maxAge: 0 });
    if (path.startsWith('api/') || path.startsWith('health/')) return reply.callNotFound();
    return reply.sendFile('index.html', { maxAge: 0 });
  });
}
