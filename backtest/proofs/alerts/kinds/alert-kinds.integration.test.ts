import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../../infra/config.ts';
import { WAIT_MS } from '../../../../infra/testing/patience.ts';
import { createTestDatabase, type TestDatabase } from '../../../../infra/testing/test-database.ts';
import { eventTypes } from '../../../../infra/alerts/inbox/event-list.ts';
import { ALERT_KINDS, OWN_RULE } from './alert-cause.ts';
import { ALERT_CAUSES, ALERT_KINDS_PROOF, bringAbout } from './alert-kinds-proof.ts';

let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'signalbox-kinds-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

describe('every type of alert', () => {
  it('that the product has is brought about by something', async () => {
    expect(Object.keys(ALERT_CAUSES).sort()).toEqual([...ALERT_KINDS].sort());
    const known = (await eventTypes(database.pool)).map(({ type }) => type);
    expect([...ALERT_KINDS].sort()).toEqual([...known, OWN_RULE].sort());
    expect(ALERT_KINDS_PROOF.count).toBe(ALERT_KINDS.length);
  });

  it.each(['halt', 'orders-rejected', 'breaker-open', 'latency', 'job-failed', 'day-loss', 'anomaly', OWN_RULE])(
    '%s comes to mail, Slack and a webhook, once',
    async (kind) => {
      const { programPath } = loadConfig();
      const { tookMs, times } = await bringAbout(kind, { database, folder, programPath, waitMs: WAIT_MS });
      expect(tookMs).not.toBeNull();
      expect(times).toEqual([1, 1, 1]);
    },
  );

  it('is late, or told twice, where the proof does not hold', () => {
    const told = { kind: 'halt', what: 'a limit', tookMs: 400, times: '1 1 1' };
    expect(ALERT_KINDS_PROOF.conclude([told]).holds).toBe(true);
    for (const fault of [{ tookMs: -1 }, { tookMs: 10_001 }, { times: '1 2 1' }, { times: '1 0 1' }])
      expect(ALERT_KINDS_PROOF.conclude([{ ...told, ...fault }])).toMatchObject({ holds: false });
  });
});
