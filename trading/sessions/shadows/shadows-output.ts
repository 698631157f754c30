import type { Database } from '../../../infra/postgres/database.ts';
import { plainTable } from '../../../infra/terminal/plain-table.ts';
import { chosenSession, headingOf, secondText } from '../operators/chosen-session.ts';
import type { Look } from '../operators/watched.ts';
import { readShadows, readShadowSignals } from './shadow-store.ts';

const NEWEST = 20;

/** A session's shadows beside its own strategy, and what they said last. @throws InputError for no such session */
export async function shadowsOutput(database: Pick<Database, 'pool'>, id: string | undefined): Promise<Look> {
  const session = await chosenSession(database, id);
  const shadows = await readShadows(database.pool, session.id);
  const newest = await readShadowSignals(database.pool, session.id, { limit: NEWEST });
  return {
    value: { session: session.id, state: session.state, shadows, newest },
    text: () => {
      if (shadows.length === 0) {
        return `${headingOf(session)}\nNo shadow has said anything: paper and live take them by --shadow.`;
      }
      return [headingOf(session), summaryTable(shadows), newestTable(newest)].join('\n');
    },
    isOver: session.state === 'ended',
  };
}

function summaryTable(shadows: Awaited<ReturnType<typeof readShadows>>): string {
  const numbers = ['closes', 'same', 'opposite', 'shadow alone', 'own alone'].map((number) => ({ number }));
  return plainTable(
    ['shadow', ...numbers, 'last', 'said'],
    shadows.map(({ shadow, closes, same, opposite, alone, silent, last, lastAction }) => {
      return [shadow, closes, same, opposite, alone, silent, secondText(last), lastAction];
    }),
  );
}

function newestTable(newest: Awaited<ReturnType<typeof readShadowSignals>>): string {
  return plainTable(
    ['close', 'symbol', 'shadow', 'says', 'own says', { number: 'probability' }, 'reason'],
    newest.map(({ time, symbol, shadow, action, ownAction, probability, reason }) => {
      return [secondText(time), symbol, shadow, action, ownAction, probability?.toFixed(4) ?? null, reason];
    }),
  );
}
