import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { loadConfig } from '../config.ts';
import { acquireEmbeddedServer } from '../postgres/embedded/embedded-server.ts';
import { prepareTemplate } from './test-database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the server that all integration suites share; each suite makes a database of its own on it. */
    testServerUrl: string;
  }
}

/** Nothing on this server must survive a power cut, so it need not wait for the disk. */
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum=off'];

/** Starts one embedded server in a temporary folder for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-integration-')));
  chmodSync(folder, 0o711);
  const watchdog = startWatchdog(folder);
  const server = await acquireEmbeddedServer({
    dataDir: folder,
    settings: FAST,
    postgresPackage: loadConfig().postgresPackage,
  });
  await prepareTemplate(server.url);
  project.provide('testServerUrl', server.url);
  return async () => {
    await server.release();
    watchdog.stdin.end();
    rmSync(folder, { recursive: true, force: true });
  };
}

/**
 * A shell that waits for the end of this process, however it ends (kill -9 too: the pipe closes), then ends every
 * server below `folder` and removes it. Afterwards there is nothing left to do in a run that ended well.
 */
function startWatchdog(folder: string): { stdin: { end(): void } } {
  const script = `
    cat > /dev/null
    for file in $(find "$0" -name postmaster.pid 2>/dev/null); do
      pid=$(head -n 1 "$file")
      kill -QUIT "$pid" 2>/dev/null
      for try in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    done
    rm -rf "$0"`;
  const child = spawn('/bin/sh', ['-c', script, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  return child;
}
