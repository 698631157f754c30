import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterOf, openControl } from '../postgres/embedded/cluster.ts';
import { acquireEmbeddedServer } from '../postgres/embedded/embedded-server.ts';
import { runningPostmaster } from '../postgres/embedded/postmaster-file.ts';
import { isRunning } from '../postgres/embedded/running-process.ts';
import { stopServer } from '../postgres/embedded/server-process.ts';
import { signalTree } from './stopped-process.ts';

/** A PostgreSQL of its own that can go away and come back at its address. */
export interface BreakablePostgres {
  readonly url: string;
  /** Ends it: in order, or as `kill -9` does. */
  end(how: 'order' | 'kill'): Promise<void>;
  /** Starts it again with what it kept. */
  start(): Promise<void>;
  /** It stays there and answers nothing, until `wake`. */
  hang(): void;
  wake(): void;
}

/** Starts the server of the folder `dataDir`. */
export async function startBreakablePostgres(dataDir: string): Promise<BreakablePostgres> {
  const { url } = await acquireEmbeddedServer({ dataDir });
  const cluster = clusterOf(openControl(dataDir));
  const pidOf = (): number => runningPostmaster(cluster)!.pid;
  return {
    url,
    end: async (how) => {
      if (how === 'order') return stopServer(cluster);
      const pid = pidOf();
      process.kill(pid, 'SIGKILL');
      while (isRunning(pid)) await sleep(10);
    },
    start: async () => {
      const again = await acquireEmbeddedServer({ dataDir });
      if (again.url !== url) throw new Error('PostgreSQL came back at another address: its port was taken meanwhile');
    },
    hang: () => signalTree(pidOf(), 'SIGSTOP'),
    wake: () => signalTree(pidOf(), 'SIGCONT'),
  };
}

/** The same in a folder of its own, for one suite; `remove` ends it and deletes the folder. */
export async function temporaryPostgres(): Promise<BreakablePostgres & { remove(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-breakable-'));
  const server = await startBreakablePostgres(join(folder, 'home'));
  const remove = async (): Promise<void> => {
    await server.end('order');
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...server, remove };
}
