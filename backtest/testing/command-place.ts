import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { runCommandLine } from '../../infra/command.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { writeSmallExperiment } from './small-experiment.ts';

/** What a command line wrote, and its exit code. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder, a small experiment, a clean file `good.csv` and a database for the command lines of one suite. */
export class CommandPlace {
  readonly folder: string;
  readonly home: string;
  readonly small: string;
  base: Record<string, string> = {};
  readonly #commandLine: () => Command;
  #database: TestDatabase | undefined;

  /** For the top of a suite: opens and closes with it. */
  constructor(prefix: string, commandLine: () => Command) {
    this.#commandLine = commandLine;
    this.folder = mkdtempSync(join(tmpdir(), `signalbox-${prefix}-`));
    this.home = join(this.folder, 'home');
    this.small = writeSmallExperiment(this.folder);
    beforeAll(async () => {
      this.#database = await createTestDatabase();
      this.barsFile('good.csv', barLines().join('\n'));
      const { url } = this.#database;
      this.base = { DATABASE_URL: url, SIGNALBOX_HOME: this.home, REDIS_URL: '', MLFLOW_TRACKING_URI: '' };
      for (const [name, value] of Object.entries(this.base)) vi.stubEnv(name, value);
    });
    afterAll(async () => {
      vi.unstubAllEnvs();
      await this.#database?.drop();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  get database(): TestDatabase {
    return this.#database!;
  }

  /** Runs one command line in this process and takes what it writes. */
  async run(args: readonly string[], env: Record<string, string> = {}): Promise<Said> {
    const said = { stdout: '', stderr: '' };
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    for (const stream of ['stdout', 'stderr'] as const) {
      vi.spyOn(process[stream], 'write').mockImplementation((text) => {
        said[stream] += String(text);
        return true;
      });
    }
    const before = process.exitCode;
    process.exitCode = undefined;
    try {
      const code = await runCommandLine(this.#commandLine(), args);
      return { code, ...said };
    } finally {
      process.exitCode = before;
      vi.restoreAllMocks();
      for (const name of Object.keys(env)) vi.stubEnv(name, this.base[name] ?? '');
    }
  }

  /** An experiment file made from the small one, which the replacement must change. */
  experimentWith(name: string, from: string | RegExp, to: string): string {
    const text = readFileSync(this.small, 'utf8');
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    const path = join(this.folder, `${name}.yaml`);
    writeFileSync(path, changed);
    return path;
  }

  barsFile(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }
}

/** What a refusal has to be, whoever caused it: the right code, one clear message, no result and no stack. */
export function expectRefusal(said: Said, code: 1 | 2, words: readonly (string | RegExp)[]): void {
  expect(said.code, said.stderr).toBe(code);
  expect(said.stdout).toBe('');
  expect(said.stderr).not.toMatch(/^ {2,}at .*[:(]/m);
  for (const word of words) expect(said.stderr).toMatch(word);
}

/** A clean file of daily bars: a header, then `rows` lines. */
export function barLines(rows = 60): string[] {
  const lines = Array.from({ length: rows }, (_, i) => {
    const day = new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10);
    const open = 100 + (i % 7);
    return `${day},${open},${open + 2},${open - 2},${open + 1},1000`;
  });
  return ['time,open,high,low,close,volume', ...lines];
}

/** A port of loopback where nothing listens. */
export async function closedPort(): Promise<number> {
  const { port, close } = await listen();
  await close();
  return port;
}

export async function listen(): Promise<{ port: number; close: () => Promise<unknown> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<unknown> => new Promise((resolve) => server.close(resolve));
  return { port: (server.address() as AddressInfo).port, close };
}

/** Gives `work` a database of its own. */
export async function using(work: (own: TestDatabase) => Promise<void>): Promise<void> {
  const own = await createTestDatabase();
  try {
    await work(own);
  } finally {
    await own.drop();
  }
}
