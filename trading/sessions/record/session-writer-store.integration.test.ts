import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { openSession } from '../session-store.ts';

import { inputsStep, VenueInputStore } from '../venue/venue-input-store.ts';
import { countCommit, nextWriter, whyNotCommitted, writerStanding } from './session-writer-store.ts';

const ID = 'paper-followed';
const INPUT = {
  position: 0,
  step: 0,
  commands: 0,
  event: { kind: 'connectivity', timeMs: 1, connected: true },
} as const;

describe('commits of a session that two processes write', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await openSession(database.pool, { id: ID, kind: 'paper', symbols: ['AAA'], capital: 1, definition: {} });
  });
  afterAll(() => database.drop());

  const commit = (standing: Parameters<typeof countCommit>[1]): Promise<unknown> =>
    database.write([countCommit(ID, standing), inputsStep(ID, [{ ...INPUT, position: standing.commits }])]).then(
      () => 'done',
      (error: unknown) => whyNotCommitted(error, ID),
    );

  it('are done by the newest alone, each once, and by the others in no part', async () => {
    const first = await nextWriter(database.pool, ID);
    expect(await commit({ ...first, commits: 1, step: 5 })).toBe('done');
    const second = await nextWriter(database.pool, ID);
    const refused = { message: `Session "${ID}" is written by another process.` };
    expect(await commit({ ...first, commits: 2, step: 6 })).toMatchObject(refused);
    expect(await commit({ ...second, commits: 2, step: 3 })).toBe('done');
    // The answer to it was lost: it is not done twice.
    expect(await commit({ ...second, commits: 2, step: 3 })).toMatchObject(refused);
    expect(await writerStanding(database.pool, ID)).toEqual({ writer: second.writer, commits: 2, step: 5 });
    const inputs = await new VenueInputStore(database.pool, ID).read();
    expect(inputs.map(({ position }) => position)).toEqual([1, 2]);
  });

  it('fail for another reason with that reason', () => {
    const other = Object.assign(new Error('the disk is full'), { code: '53100' });
    expect(whyNotCommitted(other, ID)).toBe(other);
  });
});
