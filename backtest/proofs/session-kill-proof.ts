import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOf } from '../../infra/hash.ts';
import { openDatabase, type Database } from '../../infra/postgres/database.ts';
import type { Random } from '../../infra/random.ts';
import { openSession, requestCommand } from '../../trading/sessions/session-store.ts';
import { recordOf, runLiveSession, type Disturbance } from '../../trading/testing/disturbed-session.ts';
import { liveSession, splitBars } from '../../trading/testing/live-session-child.ts';
import { share, type CaseContext, type CaseFigures, type Proof } from './proof.ts';

/** Two symbols close together. */
const BARS = splitBars.reduce((sum, { length }) => sum + length, 0);
const KILLS_MAX = 5;
/** Half of them let it trade again. */
const COMMANDS = ['halt', 'reduce', 'flatten', 'resume', 'resume', 'resume'] as const;

/** Kills at bars in ascending order, commands in between: once a close is on record nothing can undo it. */
async function disturb(database: Database, id: string, random: Random): Promise<{ kills: number; last: string }> {
  const kills = 1 + random.integer(KILLS_MAX);
  const points = Array.from({ length: kills }, () => 1 + random.integer(BARS - 10)).sort((a, b) => a - b);
  const ask = (): Promise<unknown> => requestCommand(database.pool, COMMANDS[random.integer(COMMANDS.length)]!, id);
  let forget = false;
  for (const killAfter of points) {
    const at = 2 * (1 + random.integer(BARS / 2));
    const disturbance: Disturbance = { killAfter, forget, during: new Map([[at, ask]]) };
    await runLiveSession(database.url, id, disturbance);
    if (random.integer(2) === 0) await ask();
    // Once it is on record with the session, nothing else needs to know of the split.
    const { record } = await recordOf(database, id);
    forget = record.actions!.length === 1;
  }
  return { kills, last: await runLiveSession(database.url, id, { forget }) };
}

async function runCase({ random }: CaseContext): Promise<CaseFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-prove-'));
  // Open to the server's user, so that root's data lies inside and goes with the folder.
  chmodSync(folder, 0o711);
  try {
    const database = await openDatabase({ databaseUrl: null, dataDir: join(folder, 'home') });
    try {
      await openSession(database.pool, liveSession('killed'));
      const { kills, last } = await disturb(database, 'killed', random);
      const killed = await recordOf(database, 'killed');
      const whole = await runLiveSession(database.url, 'undisturbed', { told: killed.told });
      const { record } = await recordOf(database, 'undisturbed');
      const equal = last === whole && last.includes(' ');
      return { kills, commands: killed.told.length, equal, sameRows: hashOf(record) === hashOf(killed.record) };
    } finally {
      await database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Live sessions in processes of their own that are killed while operators speak to them, with a split in between. */
export const SESSION_KILL_PROOF: Proof = {
  name: 'session-kills',
  shows: 'a live session killed at random moments, commands and a split in between, ends as an undisturbed one',
  count: 100,
  run: runCase,
  conclude: (cases) => ({
    holds: cases.every(({ equal, sameRows }) => equal === true && sameRows === true),
    figures: {
      sessions: cases.length,
      kills: cases.reduce((sum, { kills }) => sum + Number(kills), 0),
      commands: cases.reduce((sum, { commands }) => sum + Number(commands), 0),
      equal: share(cases, 'equal'),
      sameRows: share(cases, 'sameRows'),
    },
  }),
};
