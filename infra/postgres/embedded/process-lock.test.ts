import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withProcessLock } from './process-lock.ts';

describe('withProcessLock', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lock-'));
    path = join(folder, 'lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const leave = (holder: { pid: number; started: string | null }): void =>
    writeFileSync(path, JSON.stringify({ token: '0b7c9a52-4a39-4c35-9f0c-0a3c3f6b1d11', host: hostname(), ...holder }));

  async function contend(contenders: number): Promise<number> {
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: contenders }, () =>
        withProcessLock(path, 20_000, async () => {
          inside += 1;
          most = Math.max(most, inside);
          await sleep(2);
          inside -= 1;
        }),
      ),
    );
    return most;
  }

  it('lets one in at a time and leaves nothing behind', async () => {
    expect(await contend(12)).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is taken over from a process that is gone, by one of many', async () => {
    leave({ pid: 2 ** 22 + 1, started: '1' });
    expect(await contend(12)).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is taken over when the process id belongs to another process by now', async () => {
    leave({ pid: process.pid, started: 'another time' });
    expect(await withProcessLock(path, 1000, async () => 'mine')).toBe('mine');
  });

  it('is not taken from a living process; the error names it', async () => {
    await withProcessLock(path, 1000, async () => {
      await expect(withProcessLock(path, 50, async () => 'never')).rejects.toThrow(String(process.pid));
    });
  });

  it('is given back when the work fails', async () => {
    await expect(withProcessLock(path, 100, () => Promise.reject(new Error('work')))).rejects.toThrow('work');
    expect(readdirSync(folder)).toEqual([]);
  });
});
