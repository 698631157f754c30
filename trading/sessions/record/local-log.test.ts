import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { journalRows } from '../../journal/journal-rows.ts';
import { createRecordBlock, encodeEffect } from '../../journal/journal-record.ts';
import type { Effect } from '../../effect.ts';
import { LocalLog } from './local-log.ts';
import type { SessionWrites } from './session-writes.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-local-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const effects: readonly Effect[] = [
  { kind: 'order-update', sequence: 3, timeMs: 5, state: 'CANCELED', code: null, value: 0, limit: 0 },
  { kind: 'cancel', timeMs: 5, symbol: 0, sequence: 3 },
];

function writesOf(commits: number): SessionWrites {
  const block = createRecordBlock(effects.length);
  effects.forEach((effect, row) => encodeEffect(effect, block, row));
  const rows = journalRows(effects, { id: 's', symbols: ['A'], first: 0 });
  const bar = { openTimeMs: 1, closeTimeMs: 2, open: 1.1, high: Infinity, low: -0, close: NaN, volume: 0 };
  const close = {
    closeTimeMs: 2,
    bars: [{ symbol: 0, bar }],
    decidedBy: null,
    unfit: 'words\nof\ttwo lines',
    records: 5,
  };
  return {
    writer: 4,
    commits,
    step: 7,
    closes: [close],
    inputs: [{ position: 0, step: 7, commands: 0, event: { kind: 'timer', timeMs: 9 } }],
    commands: [{ id: 1, step: 7, timeMs: null }],
    journal: [{ first: 0, records: 2, bytes: block.bytes, rows, notifies: true }],
  };
}

describe('a local log', () => {
  it('gives back what was appended, bit by bit, for its owner alone, and is gone once it is merged', async () => {
    const log = LocalLog.of(folder, 'a session/with: odd "characters"');
    expect(log.read()).toEqual([]);
    await log.append(writesOf(1));
    await log.append(writesOf(2));
    expect(statSync(log.path).mode & 0o777).toBe(0o600);
    expect(LocalLog.of(folder, 'a session/with: odd "characters"').read()).toEqual([writesOf(1), writesOf(2)]);
    expect(LocalLog.of(folder, 'another').read()).toEqual([]);
    log.remove();
    expect(existsSync(log.path)).toBe(false);
  });

  it('leaves out a last line that did not reach the disk, and names a line that is damaged', async () => {
    const log = LocalLog.of(folder, 's');
    await log.append(writesOf(1));
    const whole = readFileSync(log.path, 'utf8');
    for (const cut of [1, 70, whole.length - 1]) {
      writeFileSync(log.path, whole + whole.slice(0, cut));
      expect(log.read()).toEqual([writesOf(1)]);
    }
    writeFileSync(log.path, whole.replace('"writer":4', '"writer":5'));
    appendFileSync(log.path, whole);
    expect(() => log.read()).toThrow(`${log.path}:1 is damaged: its digest is another.`);
  });
});
