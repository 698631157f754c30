import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from '../../infra/logging/log.ts';
import { maskSecrets } from '../../infra/logging/mask-secrets.ts';
import type { Scope } from '../../infra/tracing/scope.ts';
import type { OpenSpan, Tracing } from '../../infra/tracing/span.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Its span; null while nothing is traced. */
    span: OpenSpan | null;
  }
}

/** What the service says of requests; at level `debug` it says each. */
export type ServiceLog = Pick<Logger, 'error' | 'warn'> & Partial<Pick<Logger, 'debug' | 'isLevelEnabled'>>;

const CORRELATION = /^[\w.:-]{1,64}$/;

/** The id that a client gave a request, where it is one; a new one otherwise. */
export function correlationOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && CORRELATION.test(given) ? given : randomUUID();
}

/** What a request is, for lines and spans of what it leads to. */
export function scopeOf({ id, span }: Pick<FastifyRequest, 'id' | 'span'>): Scope {
  return { correlationId: id, traceparent: span?.traceparent ?? null };
}

/** A line for each request at level `debug`, and a span where something is traced, below that of whoever asks. */
export function followRequests(
  app: FastifyInstance,
  { log, tracing = null }: { readonly log: ServiceLog; readonly tracing?: Tracing | null },
): void {
  app.decorateRequest('span', null);
  if (tracing !== null) {
    app.addHook('onRequest', async (request) => {
      const { method, routeOptions, headers } = request;
      const { traceparent } = headers;
      const attributes = { 'http.request.method': method, 'signalbox.correlation': request.id };
      request.span = tracing.span(`${method} ${routeOptions.url ?? 'unknown'}`, {
        parent: typeof traceparent === 'string' ? traceparent : null,
        kind: 'server',
        attributes,
      });
    });
  }
  app.addHook('onResponse', ({ id, method, url, span, identity }, reply, done) => {
    done();
    // Nobody hears of it: what is said is not made.
    if (span === null && !(log.isLevelEnabled?.('debug') ?? true)) return;
    const { statusCode: status, elapsedTime } = reply;
    const path = maskSecrets(url.split('?')[0]!);
    const tookMs = Math.round(elapsedTime * 1_000) / 1_000;
    log.debug?.({ correlationId: id, method, path, status, tookMs, who: identity?.name ?? null }, 'answered');
    if (span === null) return;
    span.set({ 'http.response.status_code': status, 'url.path': path });
    if (status >= 500) span.fail(String(status));
    span.end();
  });
}
