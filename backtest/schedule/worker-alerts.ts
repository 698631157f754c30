import type { Job, Worker } from 'bullmq';
import type pg from 'pg';
import { raiseAlert, resolveAlert } from '../../infra/alerts/alert-store.ts';
import { channelsFor, configuredChannels } from '../../infra/alerts/configured-channels.ts';
import { configuredDelivery } from '../../infra/alerts/configured-delivery.ts';
import { deliverAlerts, deliverDueAlerts } from '../../infra/alerts/deliver-alerts.ts';
import type { Clock } from '../../infra/clock.ts';
import type { CommandContext } from '../../infra/command.ts';
import type { Config } from '../../infra/config.ts';
import type { MonitoringReport } from '../../models/monitoring/monitoring-report.ts';

type Configured = Pick<Config, 'alertWebhook' | 'logLevel' | 'alerts'>;

const DRIFTS = ['features', 'score', 'calibration'] as const;

/** Raises what a look at a champion found, and ends what it finds no more. */
export async function alertOfModel(
  client: Pick<pg.Pool, 'query'>,
  report: Pick<MonitoringReport, 'name' | 'version' | 'asOf' | 'expiresAt' | 'alarms'>,
  { config, clock }: { readonly config: Configured; readonly clock: Clock },
): Promise<void> {
  const { name, version, asOf, expiresAt, alarms } = report;
  const names = configuredChannels(config).map((channel) => channel.name);
  const drifts = DRIFTS.filter((one) => alarms.includes(one));
  const found = [
    {
      type: 'model-expired',
      severity: 'critical',
      holds: alarms.includes('expired'),
      words: `${name} version ${version} has expired (${expiresAt?.slice(0, 10)}): it gives no signals for later bars`,
    },
    {
      type: 'model-drifting',
      severity: 'warning',
      holds: drifts.length > 0,
      words: `${name} version ${version} is not what it was when it was trained: ${drifts.join(', ')}`,
    },
  ] as const;
  for (const { type, severity, holds, words } of found) {
    const key = `${type}/${name}`;
    if (!holds) {
      await resolveAlert(client, key, { atMs: clock(), channels: names, why: `a look at ${asOf} found it no more` });
      continue;
    }
    const details = { name, version, asOf, alarms };
    const told = { atMs: clock(), channels: channelsFor(names, severity, config.alerts) };
    await raiseAlert(client, { key, type, severity, sessionId: null, words, details }, told);
  }
}

/** The alerts of a worker: of jobs that fail, and the delivery of whatever is due while it runs. */
export class WorkerAlerts {
  readonly #context: CommandContext;
  readonly #pool: pg.Pool;
  readonly #channels: ReturnType<typeof configuredChannels>;
  readonly #stop = new AbortController();
  readonly #delivering: Promise<void>;
  #storing: Promise<void> = Promise.resolve();

  constructor(context: CommandContext, pool: pg.Pool) {
    this.#context = context;
    this.#pool = pool;
    this.#channels = configuredChannels(context.config);
    this.#delivering = deliverAlerts({ ...configuredDelivery(context, pool), signal: this.#stop.signal });
  }

  /** Hears of the jobs that `worker` does: one that fails for good is an alert until another of its queue is done. */
  follow(worker: Pick<Worker, 'name' | 'on'>): void {
    const { clock, config } = this.#context;
    const names = this.#channels.map(({ name }) => name);
    const key = `job-failed/${worker.name}`;
    worker.on('completed', () => {
      this.#store(() => resolveAlert(this.#pool, key, { atMs: clock(), channels: names, why: 'a later job was done' }));
    });
    worker.on('failed', (job: Job | undefined, error: Error) => {
      // It is tried again.
      if (job !== undefined && job.finishedOn === undefined) return;
      const words = `a job of ${worker.name} failed: ${error.message}`;
      const details = { job: job?.id ?? null, attempts: job?.attemptsMade ?? null };
      const told = { atMs: clock(), channels: channelsFor(names, 'warning', config.alerts) };
      const alert = { key, type: 'job-failed', severity: 'warning', sessionId: null, words, details } as const;
      this.#store(() => raiseAlert(this.#pool, alert, told));
    });
  }

  /** Stops; what is due is stored, and tried once more. */
  async end(): Promise<void> {
    await this.#storing;
    this.#stop.abort();
    await this.#delivering;
    const delivery = configuredDelivery(this.#context, this.#pool);
    await deliverDueAlerts({ ...delivery, signal: AbortSignal.timeout(END_MS_MAX) }).catch(() => undefined);
  }

  /** One after the other. What cannot be stored is said: the job itself is on record in its queue. */
  #store(work: () => Promise<void>): void {
    this.#storing = this.#storing
      .then(work)
      .catch((error: Error) => this.#context.progress.note(`an alert cannot be stored: ${error.message}`));
  }
}

/** How long its end waits for messages that no channel has taken. */
const END_MS_MAX = 2_000;
