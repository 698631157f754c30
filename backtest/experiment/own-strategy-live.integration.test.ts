import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { askToStop } from '../../trading/sessions/supervisor/supervisor-store.ts';
import { makeLivePlace, type LivePlace } from '../testing/live-place.ts';
import { makePlantedPlace, type PlantedPlace } from '../testing/planted-place.ts';

// A user’s strategy in a live session on record in a database: what becomes of its mistakes, also over a restart.

const KNOWN = 60;
const LIVE_BARS = 40;
/** Live closes before the first mistake. */
const FINE_BARS = 10;
const bars = plantedBars({ symbol: 'MADE', bars: KNOWN + LIVE_BARS, seed: 11, correlation: 0.3 });
const folder = mkdtempSync(join(tmpdir(), 'signalbox-own-strategy-'));
const file = join(folder, 'mine.ts');
const MISTAKES = ['none', 'throws', 'nan', 'symbol', 'much', 'future', 'silent'] as const;
type Mistake = (typeof MISTAKES)[number];

const STRATEGY = `import type { OwnStrategy } from 'signalbox';

const own: OwnStrategy<{ mistake: string }> = {
  parameters: { mistake: { default: 'none', oneOf: ${JSON.stringify(MISTAKES)} } },
  create({ mistake }) {
    let [seen, worst] = [0, NaN];
    return {
      decide(view) {
        seen += 1;
        worst = worst < view.close() ? worst : view.close();
        if (view.length === ${KNOWN + FINE_BARS}) {
          if (mistake === 'throws') throw new Error('no idea');
          if (mistake === 'nan') return { target: NaN };
          if (mistake === 'symbol') return { action: 'BUY', symbol: 'ZZZ' };
          if (mistake === 'much') return { target: 7 };
          if (mistake === 'future') return view.close(-1) > 0 ? 'BUY' : 'SELL';
          while (mistake === 'silent') continue;
        }
        return seen % 6 === 2 ? 'BUY' : seen % 6 === 5 && worst > 0 ? 'SELL' : 'HOLD';
      },
      save: () => ({ seen, worst }),
      restore(state) { ({ seen, worst } = state as { seen: number; worst: number }); },
    };
  },
};

export default own;
`;

let database: TestDatabase;
let place: PlantedPlace;
let live: LivePlace;

beforeAll(async () => {
  writeFileSync(file, STRATEGY);
  database = await createTestDatabase();
  place = makePlantedPlace(database, { folder, name: 'live', bars });
  live = makeLivePlace(database, { place, bars, known: KNOWN });
  place.show(KNOWN);
});
afterAll(async () => {
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  live.notes.length = 0;
});

const trading = (mistake: Mistake): void =>
  place.change({ strategies: [{ name: 'mine', file, parameters: { mistake } }] });

const rows = async (sql: string, id: string): Promise<unknown[]> =>
  (await database.pool.query<Record<string, unknown>>(sql, [id])).rows.map((row) => Object.values(row).map(String));
const fillsOf = (id: string): Promise<unknown[]> =>
  rows('SELECT time, quantity, price FROM signalbox.fills WHERE session_id = $1 ORDER BY record', id);
const refusalsOf = async (id: string): Promise<unknown[]> =>
  (await rows('SELECT code FROM signalbox.refusals WHERE session_id = $1 ORDER BY record', id)).flat();
const barsOf = (id: string): Promise<unknown[]> =>
  rows('SELECT close_time FROM signalbox.session_bars WHERE session_id = $1', id);

describe("a user's strategy in a live session", () => {
  it.each([
    ['none', []],
    ['throws', ['strategy-threw']],
    ['nan', ['not-finite']],
    ['symbol', ['strategy-symbol']],
    ['much', ['strategy-target']],
    ['future', ['strategy-outside']],
  ] as const)(
    '(%s) trades on after what is refused, and a restart in the middle repeats it',
    async (mistake, codes) => {
      trading(mistake);
      await live.play(`whole-${mistake}`);
      const whole = await fillsOf(`whole-${mistake}`);
      expect(whole.length).toBeGreaterThan(25);
      expect(await refusalsOf(`whole-${mistake}`)).toEqual(codes);
      const id = `again-${mistake}`;
      await live.play(id, { closes: FINE_BARS + 3 });
      await live.play(id);
      expect(await fillsOf(id)).toEqual(whole);
      expect(await refusalsOf(id)).toEqual(codes);
      expect((await barsOf(id)).length).toBe(LIVE_BARS);
    },
  );

  it('that does not answer is refused once and not asked again, by a restart neither; the session can be stopped', async () => {
    trading('silent');
    await live.play('whole-silent', { asked: { deadline: '0.5' } });
    expect(await refusalsOf('whole-silent')).toEqual(['strategy-silent']);
    expect((await barsOf('whole-silent')).length).toBe(LIVE_BARS);
    expect(live.notes.join('\n')).toMatch(/mine did not answer within 0\.5 s.*The session goes on without it/);
    const stopping = async (bar: number): Promise<void> => {
      if (bar !== FINE_BARS + 5) return;
      await askToStop(database.pool, 'silent');
      // It is looked for every half second.
      await sleep(2_000);
    };
    await live.play('silent', { asked: { deadline: '0.5' }, between: stopping });
    const stoppedAt = (await barsOf('silent')).length;
    expect(stoppedAt).toBeLessThan(LIVE_BARS);
    expect(stoppedAt).toBeGreaterThan(FINE_BARS);
    // Asked again it would be waited for, and its refusal would be another.
    await live.play('silent', { asked: { deadline: '60' } });
    expect(await fillsOf('silent')).toEqual(await fillsOf('whole-silent'));
    expect(await refusalsOf('silent')).toEqual(['strategy-silent']);
    expect((await barsOf('silent')).length).toBe(LIVE_BARS);
  });
});
