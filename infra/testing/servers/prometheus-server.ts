import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../config.ts';
import { findPrometheus } from '../../installed.ts';
import { findFreePort } from '../../postgres/embedded/free-port.ts';
import { PATIENCE_MS } from '../patience.ts';

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

  static async start(targets: readonly string[], ruleFiles: readonly string[] = []): Promise<PrometheusServer> {
    const programs = findPrometheus(loadConfig().programPath);
    if (programs === null) throw new Error('No prometheus on PATH: guard the suite with describeWith("prometheus").');
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-prometheus-'));
    const port = await findFreePort();
    const settings = {
      global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '500ms' },
      rule_files: ruleFiles,
      scrape_configs: [{ job_name: 'signalbox', static_configs: [{ targets }] }],
    };
    // JSON is YAML.
    writeFileSync(join(folder, 'prometheus.json'), JSON.stringify(settings));
    const flags = [`--config.file=${join(folder, 'prometheus.json')}`, `--storage.tsdb.path=${join(folder, 'data')}`];
    const listen = [`--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'];
    // Its shell ends it when this process ends, however that happens: the pipe closes.
    const guard = '"$@" & server=$!; cat > /dev/null; kill -KILL "$server" 2> /dev/null; wait "$server" 2> /dev/null';
    const command = ['-c', guard, 'sh', programs.prometheus, ...flags, ...listen];
    const child = spawn('/bin/sh', command, { stdio: ['pipe', 'ignore', 'inherit'] });
    const url = `http://127.0.0.1:${port}`;
    const server = new PrometheusServer(url, async () => {
      const ended = child.exitCode === null ? once(child, 'exit') : Promise.resolve();
      child.stdin.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    });
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await isReady(url))) {
      if (performance.now() > deadline) throw new Error('prometheus did not become ready');
      await sleep(50);
    }
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

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`)).ok;
  } catch {
    return false;
  }
}
