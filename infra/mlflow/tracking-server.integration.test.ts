import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { describeWith } from '../testing/requirements.ts';
import { MlflowClient } from './mlflow-client.ts';
import { SOURCE_ARGUMENTS } from '../testing/source-arguments.ts';
import { PATIENCE_MS } from '../testing/patience.ts';
import { ensureTrackingServer } from './tracking-server.ts';

const { dataDir } = loadConfig();

/** Processes whose command line names `text`, besides `ps` itself. */
function processesNaming(text: string): string[] {
  const lines = execFileSync('ps', ['-eo', 'pid,args', '-ww'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(text) && !line.includes('ps -eo') && !line.includes('--input-type'));
}

/** The first that a process says; empty when it ended without a word. */
async function firstOutput(stream: Readable): Promise<string> {
  for await (const chunk of stream) return String(chunk);
  return '';
}

/** The status of the answer to a request that calls the server `host`. */
function statusFor(uri: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(uri, { headers: { host } }, (response) => resolve(response.resume().statusCode!));
    asked.once('error', reject).end();
  });
}

async function untilGone(text: string): Promise<string[]> {
  const deadline = performance.now() + PATIENCE_MS;
  while (processesNaming(text).length > 0 && performance.now() < deadline) await sleep(50);
  return processesNaming(text);
}

describeWith('python', 'the local tracking server', () => {
  const folders: string[] = [];
  const makeFolder = (): string => {
    folders.push(mkdtempSync(join(tmpdir(), 'signalbox-mlflow-')));
    return folders.at(-1)!;
  };
  /** One store for all: only the first start makes its schema, which takes longest. */
  const storeDir = makeFolder();
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  it('starts, keeps its port and its runs from one start to the next, and leaves no process behind', async () => {
    const first = await ensureTrackingServer({ dataDir, storeDir });
    expect(processesNaming(storeDir).length).toBeGreaterThan(0);
    await new MlflowClient({ uri: first.uri }).createExperiment('kept', {});
    await first.stop();
    expect(processesNaming(storeDir)).toEqual([]);
    const second = await ensureTrackingServer({ dataDir, storeDir });
    expect(second.uri).toBe(first.uri);
    expect(await new MlflowClient({ uri: second.uri }).findExperiment('kept')).toMatchObject({ name: 'kept' });
    expect(await new MlflowClient({ uri: second.uri }).version()).toBe('3.17.2');
    for (const [host, status] of [
      ['evil.example', 403],
      ['192.168.0.1', 403],
      [`localhost:${new URL(second.uri).port}`, 200],
    ] as const) {
      expect(await statusFor(`${second.uri}/api/2.0/mlflow/experiments/get?experiment_id=0`, host)).toBe(status);
    }
    await second.stop();
    await second.stop();
    expect(existsSync(join(storeDir, 'server.log'))).toBe(true);
  });

  it.each(['while it starts', 'when it runs'])('ends when its parent is killed %s', async (moment) => {
    const module = JSON.stringify(new URL('./tracking-server.ts', import.meta.url).href);
    const options = JSON.stringify({ dataDir, storeDir });
    const code = `
      import { ensureTrackingServer } from ${module};
      const server = await ensureTrackingServer(${options});
      process.stdout.write(server.uri);
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, [...SOURCE_ARGUMENTS, '--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (moment === 'when it runs') expect(await firstOutput(parent.stdout)).toMatch(/^http:/);
    else while (processesNaming(storeDir).length === 0) await sleep(20);
    parent.kill('SIGKILL');
    expect(await untilGone(storeDir)).toEqual([]);
  });

  it('says what is wrong: a port in use, no Python', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await expect(ensureTrackingServer({ dataDir, storeDir, port })).rejects.toMatchObject({
      exitCode: 2,
      message: `Port ${port} is in use.`,
    });
    server.close();
    const empty = makeFolder();
    const noPython = ensureTrackingServer({ dataDir: empty, programPath: empty });
    await expect(noPython).rejects.toMatchObject({
      exitCode: 2,
      remedy: expect.stringContaining('MLFLOW_TRACKING_URI'),
    });
    expect(existsSync(join(empty, 'mlflow-venv'))).toBe(false);
  });

  it('gives up the start when asked to', async () => {
    const controller = new AbortController();
    const starting = ensureTrackingServer({ dataDir, storeDir, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 300);
    await expect(starting).rejects.toThrow('enough');
    expect(processesNaming(storeDir)).toEqual([]);
  });
});
