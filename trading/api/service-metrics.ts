import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../../infra/metrics/metrics.ts';

/** Notes a request by the pattern of its route. */
export type NoteRequest = (
  request: { readonly method: string; readonly route: string; readonly status: number },
  seconds: number,
) => void;

/**
 * Notes every request under the route that it met, by its pattern: there are as many series as routes, whatever clients
 * ask for. Answers `/metrics` with all of it.
 */
export function measureRequests(app: FastifyInstance, metrics: Metrics, note: NoteRequest): void {
  metrics.gauge({ name: 'http_sockets', help: 'Sockets of clients that are open' }, (gauge) =>
    gauge.set(app.websocketServer.clients.size),
  );
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions, is404 } = request;
    const route = is404 ? 'none' : (routeOptions.url ?? 'none');
    note({ method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    done();
  });
  app.get('/metrics', { config: { permission: 'open' }, schema: { hide: true } }, async (_request, reply) => {
    const { type, text } = await metrics.exposition();
    return reply.header('cache-control', 'no-store').type(type).send(text);
  });
}

/** What notes requests, under the name that boards and rules know. */
export function requestNotes(metrics: Metrics): NoteRequest {
  const labels = ['method', 'route', 'status'];
  const help = 'How long a request took, from its head to the end of the answer';
  const taken = metrics.histogram({ name: 'http_request_seconds', help, labels });
  return ({ method, route, status }, seconds) =>
    taken.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds);
}
