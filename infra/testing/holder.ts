import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../package-root.ts';
import { SOURCE_ARGUMENTS } from './source-arguments.ts';

/** Another process that has the embedded database of a folder open. */
export interface Holder {
  readonly port: number;
  run(statement: string): Promise<void>;
  close(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts a process; `root` is the checkout it runs from. */
export function spawnHolder(dataDir: string, root = packageRoot()) {
  const script = join(root, 'infra', 'testing', 'hold-database.ts');
  return spawn(process.execPath, [...SOURCE_ARGUMENTS, script, dataDir], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: packageRoot(),
  });
}

/** Starts a process and waits until it has the database open. Rejects with what the process complained about. */
export async function holdDatabase(dataDir: string, root?: string): Promise<Holder> {
  const child = spawnHolder(dataDir, root);
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`The process ended: ${complaint}`);
    return value;
  };
  const end = async (act: () => void): Promise<void> => {
    const exited = once(child, 'exit');
    act();
    await exited;
  };
  const port = Number(await next());
  return {
    port,
    run: async (statement) => {
      child.stdin.write(`${statement}\n`);
      await next();
    },
    close: () => end(() => child.stdin.end()),
    kill: () => end(() => child.kill('SIGKILL')),
  };
}
