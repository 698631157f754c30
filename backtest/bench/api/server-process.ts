import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../../infra/config.ts';
import { findFreePort } from '../../../infra/postgres/embedded/free-port.ts';
import { packageRoot } from '../../../infra/package-root.ts';

const FROM_SOURCE = import.meta.url.endsWith('.ts');
const LOADER = new URL('../../../infra/typescript/typescript-loader.mjs', import.meta.url).href;
const BARE = new URL(`./bare-server${FROM_SOURCE ? '.ts' : '.js'}`, import.meta.url);

/** A server in a process of its own, and where it tells the processor seconds that it has taken. */
export class ServerProcess {
  readonly name: string;
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #cpu: (address: string) => Promise<number>;

  private constructor(name: string, address: string, of: { child: ChildProcess; cpu: typeof bareSeconds }) {
    this.name = name;
    this.address = address;
    this.#child = of.child;
    this.#cpu = of.cpu;
  }

  /** `signalbox serve` over the database at `url`. */
  static async service(url: string): Promise<ServerProcess> {
    const port = String(await findFreePort());
    const words = [join(packageRoot(), 'signalbox.mjs'), 'serve', '--port', port, '--json'];
    return ServerProcess.#start('service', { words, url, cpu: serviceSeconds });
  }

  /** `node:http` alone: see `bare-server.ts`. */
  static bare(url: string): Promise<ServerProcess> {
    const words = [...(FROM_SOURCE ? ['--import', LOADER] : []), fileURLToPath(BARE)];
    return ServerProcess.#start('node:http', { words, url, cpu: bareSeconds });
  }

  static async #start(
    name: string,
    { words, url, cpu }: { words: readonly string[]; url: string; cpu: (address: string) => Promise<number> },
  ): Promise<ServerProcess> {
    const { programPath, dataDir } = loadConfig();
    const child = spawn(process.execPath, words, {
      env: { PATH: programPath, SIGNALBOX_HOME: dataDir, DATABASE_URL: url, REDIS_URL: '', SIGNALBOX_LOG: 'error' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    const line = await Promise.race([once(lines, 'line'), once(child, 'exit')]);
    if (typeof line[0] !== 'string') throw new Error(`${name} ended before it listened`);
    const { address } = JSON.parse(line[0]) as { address: string };
    return new ServerProcess(name, address, { child, cpu });
  }

  /** User and system, since it began. */
  cpuSeconds(): Promise<number> {
    return this.#cpu(this.address);
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

async function bareSeconds(address: string): Promise<number> {
  return Number(await (await fetch(`${address}/cpu`)).text());
}

async function serviceSeconds(address: string): Promise<number> {
  const text = await (await fetch(`${address}/metrics`)).text();
  return Number(/^signalbox_process_cpu_seconds_total (\S+)$/m.exec(text)![1]);
}
