import { describe, expect, it } from 'vitest';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import type { Broker } from '../brokers/broker.ts';
import type { Command } from '../effect.ts';
import type { Journal } from '../journal/memory-journal.ts';
import { MortalJournal } from '../testing/mortal-journal.ts';
import { planRules } from '../strategies/planned/planned-rules.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import { randomWalkBars, testInstrument } from '../testing/random-walk-bars.ts';
import { runHistoricalSession } from './historical-session.ts';
import { replayFeed, type ClosedBars } from './replayed-feed.ts';
import type { TakenCommand } from './record/taken-command.ts';
import { runPaperSession } from './streaming-session.ts';

const BARS = 120;
const SYMBOLS = ['AAA', 'BBB'];
const bars = SYMBOLS.map((symbol) => randomWalkBars(symbol, BARS, { seed: 3, sigma: 0.01 }));
const rules = {
  instruments: SYMBOLS.map((symbol) => testInstrument(symbol)),
  strategy: createRuleStrategy('sma-cross', { fast: 2, slow: 5 }),
  sizing: { kind: 'fraction-of-equity', fraction: 0.3 },
  limits: NAMED_LIMITS.unbounded,
  broker: simulatedBroker({ feeBps: 5 }),
  capital: 100_000,
} as const;
const closeOf = (row: number): number => bars[0]!.closeTimeMs[row]!;
const openOf = (row: number): number => bars[0]!.openTimeMs[row]!;

/** A live session of which each command is given while it waits for the bar after `row`. */
async function live(given: readonly { row: number; timeMs: number; command: Command['command'] }[]) {
  let nowMs = 0;
  let row = -1;
  const asked = [...given];
  const taken: (TakenCommand & { step: number })[] = [];
  const journal = new MortalJournal(SYMBOLS);
  const acted: string[] = [];
  let waiting: (() => void) | null = null;
  const commands = {
    begun: -1,
    replayed: () => [],
    take: (step: number, timeMs: number | null) => {
      const [next] = asked;
      if (next?.row !== row) return Promise.resolve([]);
      asked.shift();
      taken.push({ command: next.command, timeMs, step });
      return Promise.resolve([{ command: next.command, timeMs }]);
    },
  };
  async function* feed(): AsyncGenerator<ClosedBars> {
    yield { closeTimeMs: -Infinity, bars: [], goesLive: true };
    for await (const closed of replayFeed(bars, rules.instruments)) {
      // It comes no sooner than the session has acted on what it was told meanwhile.
      if (asked[0]?.row === row) await new Promise<void>((resolve) => (waiting = resolve));
      yield closed;
      row += 1;
    }
  }
  const watched: typeof rules.broker = (session) => {
    const broker = rules.broker(session);
    const { submit, cancel } = broker;
    const act = (what: string): void => {
      if (waiting !== null) acted.push(`${what} after bar ${row}`);
    };
    broker.submit = (...args) => (act('submit'), submit.apply(broker, args));
    broker.cancel = (...args) => (act('cancel'), cancel.apply(broker, args));
    return broker;
  };
  const result = await runPaperSession({
    ...rules,
    broker: watched as (session: Parameters<typeof watched>[0]) => Broker,
    sessionId: 's',
    feed: feed(),
    journal,
    commands,
    clock: () => (nowMs += 1_000),
    eventClock: () => given[taken.length]?.timeMs ?? 0,
    onStanding: () => {
      // Told between two bars only after a command: the next bar may come.
      const wait = waiting;
      if (asked[0]?.row !== row) waiting = null;
      wait?.();
      return Promise.resolve();
    },
  });
  return { result, journal, acted, taken };
}

function history(commands: readonly Command[], journal?: Journal) {
  return runHistoricalSession({
    ...rules,
    bars,
    timedCommands: commands,
    ...(journal === undefined ? {} : { journal }),
  });
}

describe('commands between two bars', () => {
  const flattenAt = 60;
  const given = [
    { row: flattenAt, timeMs: openOf(flattenAt + 1) + 10_000, command: 'flatten' as const },
    { row: 80, timeMs: closeOf(80), command: 'resume' as const },
    { row: 90, timeMs: openOf(91) + 1, command: 'halt' as const },
  ];
  const commands = given.map(({ timeMs, command }): Command => ({ kind: 'command', timeMs, command }));

  it('take effect at their own moment, before the next bar comes, and their orders leave at once', async () => {
    const { journal, acted, taken } = await live(given);
    expect(taken.map(({ timeMs }) => timeMs)).toEqual(given.map(({ timeMs }) => timeMs));
    expect(acted).toContain(`submit after bar ${flattenAt}`);
    const states = journal.effects.filter((effect) => effect.kind === 'state');
    expect(states.map(({ timeMs, state }) => ({ timeMs, state }))).toEqual([
      { timeMs: given[0]!.timeMs, state: 'flatten' },
      { timeMs: given[1]!.timeMs, state: 'run' },
      { timeMs: given[2]!.timeMs, state: 'halt' },
    ]);
    const exits = journal.effects.filter((one) => one.kind === 'order' && one.timeMs === given[0]!.timeMs);
    expect(exits.length).toBeGreaterThan(0);
    // Given inside a bar, they take no price from before it.
    const fills = journal.effects.filter(
      (one) => one.kind === 'fill' && exits.some((exit) => exit.kind === 'order' && exit.sequence === one.sequence),
    );
    expect(fills.map(({ timeMs }) => timeMs)).toEqual(exits.map(() => openOf(flattenAt + 2)));
  });

  it('come to the same in history that is given them at their times', async () => {
    const { result } = await live(given);
    const past = history(commands);
    expect(past.journalHash).toBe(result.journalHash);
    expect(past.equity).toEqual(result.equity);
    expect(past.journalHash).not.toBe(history([]).journalHash);
  });

  it('find each bar passed over that closes before them, and none that closes after', () => {
    const alone = { ...rules, bars: [bars[0]!], instruments: [rules.instruments[0]!], timedCommands: commands };
    const every = runHistoricalSession(alone);
    const strategy = planRules('sma-cross', [bars[0]!])({ fast: 2, slow: 5 });
    const quiet = runHistoricalSession({ ...alone, strategy });
    expect(quiet.journalHash).toBe(every.journalHash);
    expect(quiet.reasons).toEqual(every.reasons);
  });

  it('are refused where they are not in order', () => {
    expect(() => history([commands[1]!, commands[0]!])).toThrow(/command 2 of 2/);
    expect(() => history([{ kind: 'command', timeMs: NaN, command: 'halt' }])).toThrow(/command 1 of 1/);
  });
});
