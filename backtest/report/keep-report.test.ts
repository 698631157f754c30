import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sourceDifference } from '../../infra/git.ts';
import { keepReport } from './keep-report.ts';
import { parseRunRecord, type RunRecord } from './run-record.ts';

describe('reports of runs', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-reports-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
  const record: RunRecord = {
    ...{ kind: 'rules', title: 'spx', currency: 'USD', data: null, costs: null, session: null },
    hashes: { experiment: null, data: 'd1', features: null, training: null },
    versions: {},
    made: '2026-01-02T00:00:00.000Z',
  };
  const keep = (html: string): Promise<string> =>
    keepReport({ dataDir, name: 'spx-1a2b', html, result: `"${html}"`, record });

  it('never overwrite each other, and the same one is kept once', async () => {
    const first = await keep('a');
    const second = await keep('b');
    expect(second).not.toBe(first);
    expect(await keep('a')).toBe(first);
    expect([first, second].map((path) => readFileSync(path, 'utf8'))).toEqual(['a', 'b']);
    expect(readFileSync(join(second, '..', 'result.json'), 'utf8')).toBe('"b"');
    expect(parseRunRecord(JSON.parse(readFileSync(join(second, '..', 'run.json'), 'utf8')))).toEqual(record);
    const difference = join(second, '..', 'source.diff');
    expect(existsSync(difference) ? readFileSync(difference, 'utf8') : null).toBe(sourceDifference());
    expect(readdirSync(join(dataDir, 'reports')).sort()).toEqual(['spx-1a2b', 'spx-1a2b-2']);
  });

  it('keep apart when they are written at the same time', async () => {
    const pages = ['c', 'd', 'e', 'f'];
    const paths = await Promise.all(pages.map(keep));
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(pages);
  });
});
