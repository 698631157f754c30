import { systemClock } from '../../infra/clock.ts';
import { connect } from '../../infra/postgres/database.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import type { HistoricalSessionOptions } from '../sessions/historical-session.ts';
import { runPaperSession } from '../sessions/streaming-session.ts';
import { PostgresJournal } from '../journal/postgres-journal.ts';
import { randomWalkBars, testInstrument } from './random-walk-bars.ts';
import { replayFeed } from '../sessions/replayed-feed.ts';
import { SessionCommands } from '../sessions/record/session-commands.ts';
import { openSession } from '../sessions/session-store.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';

// A paper session in a process of its own, for tests that kill it: `streaming-session-child.ts DATABASE_URL
// SESSION_ID`.
// Prints the number of bars done after each close, and the journal hash last.

const SYMBOLS = ['AAA', 'BBB'];

/** The session that the tests run here and in history. */
export const childBars = SYMBOLS.map((symbol) => randomWalkBars(symbol, 250, { seed: 5, sigma: 0.01 }));
export const childSession: Omit<HistoricalSessionOptions, 'bars'> = {
  instruments: SYMBOLS.map((symbol) => testInstrument(symbol)),
  strategy: createRuleStrategy('sma-cross', { fast: 2, slow: 5 }),
  sizing: { kind: 'fraction-of-equity', fraction: 0.3 },
  limits: { ...NAMED_LIMITS.standard, positionFraction: 0.3, orderNotionalFraction: 0.3 },
  broker: simulatedBroker({ feeBps: 5, halfSpreadBps: 1 }),
  protection: { stopLoss: { percent: 0.02 }, takeProfit: { atr: 3 }, trailing: { percent: 0.03 } },
  capital: 100_000,
};

async function main(url: string, id: string): Promise<void> {
  const database = await connect(url, { migrate: false }, null);
  const session = {
    id,
    kind: 'paper' as const,
    symbols: SYMBOLS,
    capital: childSession.capital,
    definition: { seed: 5 },
  };
  await openSession(database.pool, session);
  const result = await runPaperSession({
    ...childSession,
    sessionId: id,
    feed: replayFeed(childBars, childSession.instruments),
    journal: await PostgresJournal.open(database, session),
    commands: await SessionCommands.load(database.pool, id),
    clock: systemClock,
    onStep: (bars) => process.stdout.write(`${bars}\n`),
  });
  await database.close();
  process.stdout.write(`${result.journalHash}\n`);
}

const [url, id] = process.argv.slice(2);
if (process.argv[1]?.endsWith('streaming-session-child.ts') === true) await main(url!, id!);
