import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../config.ts';
import { findPrometheus } from '../../installed.ts';
import { findFreePort } from '../../postgres/embedded/free-port.ts';
import { guardedProgram, untilReady } from './guarded-program.ts';

/** A series as an instant query gives it. */
export interface PromSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A private Prometheus that scrapes `targets` every half second, for one suite. */
export class PrometheusServer {
  readonly url: string;
  readonly #end: () => Promise<void>;

  private constructor(url: string, end: () => Promise<void>) {
    this.url = url;
    this.#end = end;
  }

  /** @param alertmanagers addresses, as HOST:PORT, of those that are told of what its rules raise */
  static async start(
    targets: readonly string[],
    ruleFiles: readonly string[] = [],
    alertmanagers: readonly string[] = [],
  ): Promise<PrometheusServer> {
    const programs = findPrometheus(loadConfig().programPath);
    if (programs === null) throw new Error('No prometheus on PATH: guard the suite with describeWith("prometheus").');
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-prometheus-'));
    const port = await findFreePort();
    const settings = {
      global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '500ms' },
      rule_files: ruleFiles,
      alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] },
      scrape_configs: [{ job_name: 'signalbox', static_configs: [{ targets }] }],
    };
    // JSON is YAML.
    writeFileSync(join(folder, 'prometheus.json'), JSON.stringify(settings));
    const flags = [`--config.file=${join(folder, 'prometheus.json')}`, `--storage.tsdb.path=${join(folder, 'data')}`];
    const listen = [`--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'];
    const child = guardedProgram(programs.prometheus, [...flags, ...listen]);
    const url = `http://127.0.0.1:${port}`;
    const server = new PrometheusServer(url, async () => {
      await child.end();
      rmSync(folder, { recursive: true, force: true });
    });
    await untilReady('prometheus', url);
    return server;
  }

  /** What an expression gives now. @throws what Prometheus says of one that it does not understand */
  async query(expression: string): Promise<readonly PromSample[]> {
    const response = await fetch(`${this.url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: expression }),
    });
    const answer = (await response.json()) as { status: string; error?: string; data?: { result: PromSample[] } };
    if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
    return answer.data!.result;
  }

  stop(): Promise<void> {
    return this.#end();
  }
}
