import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemSleep } from './infra/sleep.ts';
import { createTestDatabase, type TestDatabase } from './infra/testing/test-database.ts';
import { startSignalbox } from './backtest/testing/run-process.ts';

// What an operator types by the runbook when a machine is lost: the lines as they stand there, in a shell.

const PROGRAM = join(import.meta.dirname, 'signalbox.mjs');
const RUNBOOK = readFileSync(join(import.meta.dirname, 'infra', 'deploy', 'runbook.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'signalbox-runbook-'));
const EXPERIMENT = 'spx-trend';

/** The lines of a block of commands that has a line that begins so. */
function blockWith(beginning: string): string[] {
  const blocks = [...RUNBOOK.matchAll(/```sh\n(.*?)```/gs)].map((match) => match[1]!.trim().split('\n'));
  const found = blocks.find((lines) => lines.some((line) => line.startsWith(beginning)));
  if (found === undefined) throw new Error(`the runbook has no block with "${beginning}"`);
  return found;
}

/** A machine: a home and a database of its own, a shell in which `signalbox` is ours. */
class Machine {
  readonly env: NodeJS.ProcessEnv;

  constructor(name: string, database: TestDatabase) {
    const home = join(folder, name);
    mkdirSync(home);
    const own = { SIGNALBOX_HOME: home, DATABASE_URL: database.url, REDIS_URL: '', MLFLOW_TRACKING_URI: '' };
    this.env = { PATH: process.env.PATH, HOME: home, SIGNALBOX_POSTGRES_PACKAGE: '', ...own };
  }

  /** Types `lines`, one after the other, until one fails. What is written large is what the operator fills in. */
  types(lines: readonly string[], filled: Readonly<Record<string, string>>): { code: number | null; said: string } {
    const script = lines
      .map((line) => Object.entries(filled).reduce((text, [name, value]) => text.replace(name, value), line))
      .join('\n');
    const shell = `set -e\nsignalbox() { "${process.execPath}" "${PROGRAM}" "$@"; }\n${script}`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', shell], { cwd: folder, env: this.env, encoding: 'utf8' });
    return { code: status, said: stdout + stderr };
  }
}

let lost: TestDatabase;
let next: TestDatabase;
let undisturbed: TestDatabase;
beforeAll(async () => {
  lost = await createTestDatabase();
  next = await createTestDatabase();
  undisturbed = await createTestDatabase();
});
afterAll(async () => {
  await Promise.all([lost, next, undisturbed].map((database) => database.drop()));
  rmSync(folder, { recursive: true, force: true });
});

/** What a session has done, as its journal has it. */
async function journalOf({ pool }: TestDatabase): Promise<unknown[]> {
  const { rows } = await pool.query(
    `SELECT record, time, symbol, quantity, price, fee FROM signalbox.fills WHERE session_id = 'kept' ORDER BY record`,
  );
  return rows;
}

describe('the runbook', () => {
  it('brings a session that a machine was lost with to another, where it goes on', async () => {
    const before = new Machine('before', lost);
    // So slow that it is amid its bars when the machine goes.
    const words = ['paper', EXPERIMENT, '--session', 'kept', '--speed', '1e7'];
    const paper = startSignalbox(words, {}, before.env);
    while ((await journalOf(lost)).length === 0) await systemSleep(20);
    paper.kill();
    await paper.ended;
    const half = await journalOf(lost);

    const nightly = blockWith('signalbox db backup');
    const key = before.types(nightly.slice(0, 1), {});
    const recipient = /SIGNALBOX_BACKUP_RECIPIENTS=(\S+)/.exec(key.said)![1]!;
    expect(before.types(nightly.slice(1), { 'age1...': recipient })).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'NIGHTLY.backup'), 'latin1')).not.toContain('kept');

    // Nothing is left of it.
    await lost.pool.query('DROP SCHEMA signalbox CASCADE');
    rmSync(join(folder, 'before'), { recursive: true });

    const after = new Machine('after', next);
    const { code: ended, said } = after.types(blockWith('signalbox db restore'), { EXPERIMENT, ID: 'kept' });
    expect(ended, said).toBe(0);
    expect(existsSync(join(folder, 'before'))).toBe(false);
    const whole = await journalOf(next);
    expect(whole.slice(0, half.length)).toEqual(half);

    const other = new Machine('other', undisturbed);
    expect(other.types([`signalbox paper ${EXPERIMENT} --session kept`], {}).code).toBe(0);
    expect(whole).toEqual(await journalOf(undisturbed));
    expect(half.length).toBeLessThan(whole.length);
  });
});
