import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../../infra/package-root.ts';
import { findFreePort } from '../../../infra/postgres/embedded/free-port.ts';

/** Clock ticks a second in `/proc`: of every Linux that Node runs on. */
const TICKS = 100;

/** `signalbox serve` as a process of its own over a database that is there. */
export class ServedProcess {
  readonly address: string;
  readonly port: number;
  /** Where the administrator chooses a password; null once one did. */
  readonly welcome: string | null;
  readonly #child: ChildProcess;

  private constructor(
    child: ChildProcess,
    { address, port, welcome }: { address: string; port: number; welcome: string | null },
  ) {
    this.#child = child;
    this.address = address;
    this.port = port;
    this.welcome = welcome;
  }

  /** @param given port, where another process had it before */
  static async start(url: string, given?: number): Promise<ServedProcess> {
    const port = given ?? (await findFreePort());
    const words = ['serve', '--host', '127.0.0.1', '--port', String(port), '--json'];
    const child = spawn(process.execPath, [join(packageRoot(), 'signalbox.mjs'), ...words], {
      env: { DATABASE_URL: url, SIGNALBOX_LOG: 'silent' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = once(child, 'exit').then(() => {
      throw new Error(`The service has ended: ${said}`);
    });
    // One that is killed ends, too.
    ended.catch(() => undefined);
    const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [string];
    return new ServedProcess(child, { ...(JSON.parse(line) as { address: string; welcome: string | null }), port });
  }

  /** Where its socket is. */
  get socket(): string {
    return this.address.replace('http', 'ws');
  }

  /** Seconds of processors that it has used. */
  cpuSeconds(): number {
    const [user, system] = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ').slice(11);
    return (Number(user) + Number(system)) / TICKS;
  }

  /** Ends it at once, whatever is under way. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }
}
