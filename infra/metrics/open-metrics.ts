import type { Config } from '../config.ts';
import { InputError } from '../errors.ts';
import { HealthParts } from './health-parts.ts';
import type { Metrics, ProcessRole } from './metrics.ts';

/** The metrics and the health of a process that serves them. */
export interface MeasuredProcess {
  readonly metrics: Metrics;
  readonly health: HealthParts;
  readonly url: string;
  end(): Promise<void>;
}

/** @throws InputError for what is no port */
function portAsked(option: string | undefined, preset: number | null): number | null {
  if (option === undefined) return preset;
  const port = Number(option);
  if (/^\d+$/.test(option) && port <= 65_535) return port;
  throw new InputError(`--metrics-port ${option} is not a port.`, 'Give a number from 0 (any that is free) to 65535.');
}

/**
 * Begins to serve `/metrics` and `/health` where `--metrics-port` or SIGNALBOX_METRICS_PORT says so; null where neither
 * does: then nothing is measured.
 */
export async function openMetrics(
  { metricsHost, metricsPort }: Pick<Config, 'metricsHost' | 'metricsPort'>,
  role: ProcessRole,
  { option, note }: { readonly option: string | undefined; readonly note: (text: string) => void },
): Promise<MeasuredProcess | null> {
  const port = portAsked(option, metricsPort);
  if (port === null) return null;
  const [{ Metrics }, { MetricsServer }] = await Promise.all([import('./metrics.ts'), import('./metrics-server.ts')]);
  const metrics = new Metrics(role);
  const health = new HealthParts();
  const server = await MetricsServer.start({ host: metricsHost, port, metrics, health });
  note(`metrics at ${server.url}/metrics, health at ${server.url}/health/ready`);
  return { metrics, health, url: server.url, end: () => server.end() };
}
