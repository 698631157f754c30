import { once } from 'node:events';
import { firstLink } from '../../infra/auth/accounts.ts';
import { SYSTEM } from '../../infra/audit/operator.ts';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { followLevels } from '../../infra/logging/levels/follow-levels.ts';
import type { Tracing } from '../../infra/tracing/span.ts';
import { openTracing } from '../../infra/tracing/tracing.ts';
import { measuredContext } from '../../infra/metrics/measured-context.ts';
import { HealthParts } from '../../infra/metrics/health-parts.ts';
import { Metrics } from '../../infra/metrics/metrics.ts';
import { openMetrics } from '../../infra/metrics/open-metrics.ts';
import { parsePort } from '../../infra/parse-port.ts';
import { keepRequestsYoung } from '../../infra/release-memory.ts';
import { ProcessBeat } from '../../infra/system/process-beat.ts';
import { createService, type RouteCollection } from './service.ts';

export interface ServeOptions {
  readonly host: string;
  readonly port: string;
  readonly allowHost?: readonly string[];
  readonly behindTls?: boolean;
}

/** Starts what works beside the service in its process. */
export type StartWorkers = (context: CommandContext, tracing?: Tracing | null) => Promise<{ close(): Promise<void> }>;

/** What the folders put in. */
export interface ServiceParts {
  readonly serviceRoutes: RouteCollection;
  readonly serviceWorkers: StartWorkers;
}

/** A service that listens. */
export interface RunningService {
  readonly address: string;
  /** The one-time link by which the administrator chooses a password; null where that was done. */
  readonly link: string | null;
  /** Ends what is under way, then all of it. */
  close(): Promise<void>;
}

/** Listens until it is told to stop; then what is under way ends first. */
export async function serveCommand(
  context: CommandContext,
  options: ServeOptions,
  parts: ServiceParts,
): Promise<CommandOutput | undefined> {
  const { address, link, close } = await startService(context, options, parts);
  try {
    const welcome = link === null ? null : `${address}/welcome#${link}`;
    const words = welcome === null ? '' : `\nThe administrator "admin" chooses a password here, once: ${welcome}`;
    context.announce(`Listening on ${address} (routes: ${address}/api/docs)${words}`, { address, welcome });
    if (!context.signal.aborted) await once(context.signal, 'abort');
  } finally {
    await close();
  }
  return undefined;
}

/** Starts the service with its workers. @throws SignalboxError where it cannot listen there */
export async function startService(
  context: CommandContext,
  { host, port, allowHost = [], behindTls = false }: ServeOptions,
  { serviceRoutes: routes, serviceWorkers }: ServiceParts,
): Promise<RunningService> {
  const wanted = parsePort(port);
  keepRequestsYoung();
  const names = [...allowHost, ...(/^(0\.0\.0\.0|::)$/.test(host) ? [] : [host.includes(':') ? `[${host}]` : host])];
  const note = (text: string): void => context.progress.note(text);
  const served = await openMetrics(context.config, 'service', { option: undefined, note });
  const metrics = served?.metrics ?? new Metrics('service');
  const tracing = await openTracing(context.config, 'service', note);
  const health = served?.health ?? new HealthParts();
  const service = await createService({
    context: await measuredContext(context, served),
    routes,
    names,
    behindTls,
    metrics,
    tracing,
    health,
  });
  const levels = followLevels(await context.database(), context.config, { role: 'service' });
  let workers: { close(): Promise<void> } | null = null;
  let beat: ProcessBeat | null = null;
  const close = async (): Promise<void> => {
    await beat?.end();
    await service.close();
    await workers?.close();
    await levels.close();
    await tracing?.end();
    await served?.end();
  };
  try {
    served?.health.begin();
    beat = await ProcessBeat.start({
      ...{ database: await context.database(), clock: context.clock },
      ...{ role: 'service', health, sockets: () => service.app.websocketServer.clients.size },
    });
    workers = await serviceWorkers(context, tracing);
    const address = await listen(service.app, host, wanted);
    const doing = { database: await context.database(), clock: context.clock, actor: SYSTEM };
    return { address, link: await firstLink(doing), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function listen(
  app: { listen(at: { host: string; port: number }): Promise<string> },
  host: string,
  port: number,
) {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES') {
      const remedy = 'Give a free one with --port N.';
      throw new SignalboxError(`Port ${port} is in use on this machine, or may not be used.`, { remedy });
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new SignalboxError(`--host ${host} is no address of this machine.`, { remedy: 'Give one: 127.0.0.1.' });
    }
    throw error;
  }
}
