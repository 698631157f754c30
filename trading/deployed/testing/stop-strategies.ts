import { systemSleep } from '../../../infra/sleep.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { askToStop } from '../../sessions/supervisor/supervisor-store.ts';
import { seenStrategies } from '../seen-strategies.ts';
import { isUp } from '../strategy-state.ts';
import { askFor, listStrategies } from '../strategy-store.ts';

const ASK_MS = 2_000;

/** Stops every strategy of a suite, whatever became of it, so that no process outlives it. */
export async function stopStrategies({ pool }: Pick<Database, 'pool'>): Promise<void> {
  for (;;) {
    const seen = await seenStrategies(pool, await listStrategies(pool));
    const wanted = seen.filter((one) => one.strategy.desired !== 'stopped' || isUp(one));
    if (wanted.length === 0) return;
    for (const { strategy } of wanted) {
      await askFor(pool, strategy.name, { desired: 'stopped', by: 'the test', restart: false });
      if (strategy.sessionId !== null) await askToStop(pool, strategy.sessionId);
    }
    await systemSleep(ASK_MS);
  }
}
