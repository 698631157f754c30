import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../../infra/metrics/metrics.ts';

/**
 * Notes every request under the route that it met, by its pattern: there are as many series as routes, whatever clients
 * ask for. Answers `/metrics` with all of it.
 */
export function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  const labels = ['method', 'route', 'status'];
  const help = 'How long a request took, from its head to the end of the answer';
  const seconds = metrics.histogram({ name: 'http_request_seconds', help, labels });
  metrics.gauge({ name: 'http_sockets', help: 'Sockets of clients that are open' }, (gauge) =>
    gauge.set(app.websocketServer.clients.size),
  );
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions, is404 } = request;
    const route = is404 ? 'none' : (routeOptions.url ?? 'none');
    seconds.observe({ method, route, status: `${Math.floor(reply.statusCode / 100)}xx` }, reply.elapsedTime / 1_000);
    done();
  });
  app.get('/metrics', { config: { permission: 'open' }, schema: { hide: true } }, async (_request, reply) => {
    const { type, text } = await metrics.exposition();
    return reply.header('cache-control', 'no-store').type(type).send(text);
  });
}
