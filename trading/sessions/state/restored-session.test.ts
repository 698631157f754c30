import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../../infra/random.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import type { Command } from '../../effect.ts';
import { createRuleStrategy } from '../../strategies/rule-strategies.ts';
import { HOLD, type Strategy } from '../../strategies/strategy.ts';
import { StateMisfit, type SessionState } from '../../session-state.ts';
import type { SignalOutcome } from '../../signals/outcomes/signal-outcome-store.ts';
import { SignalOutcomes } from '../../signals/outcomes/signal-outcomes.ts';
import { PLAIN_MARKS } from '../../signals/signal-marks.ts';
import { bracketStrategy } from '../../testing/bracket-strategy.ts';
import { MortalJournal, type JournalRecord } from '../../testing/mortal-journal.ts';
import { randomWalkBars, testInstrument } from '../../testing/random-walk-bars.ts';
import { runHistoricalSession } from '../historical-session.ts';
import { replayFeed, type ClosedBars } from '../replayed-feed.ts';
import type { TakenCommand } from '../record/taken-command.ts';
import { runPaperSession } from '../streaming-session.ts';

const BARS = 160;
const SYMBOLS = ['AAA', 'BBB'];
const KEEP_EVERY = 12;
const bars = SYMBOLS.map((symbol) => randomWalkBars(symbol, BARS, { seed: 5, sigma: 0.015 }));
const effectiveMs = bars[1]!.openTimeMs[90]!;
const rules = {
  instruments: SYMBOLS.map((symbol) => testInstrument(symbol)),
  sizing: { kind: 'fraction-of-equity', fraction: 0.3 },
  limits: { ...NAMED_LIMITS.standard, positionFraction: 0.3, orderNotionalFraction: 0.3 },
  broker: simulatedBroker({ feeBps: 5, halfSpreadBps: 1 }),
  capital: 100_000,
  actions: [[], [{ kind: 'split', value: 2, effectiveMs, knownAtMs: effectiveMs } as const]],
} as const;

class Killed extends Error {}

/** What outlives a killed session. */
interface Left extends JournalRecord {
  readonly taken: Map<number, TakenCommand[]>;
  readonly notes: string[];
  /** What came of signals, by record. */
  readonly outcomes: Map<number, SignalOutcome>;
}

const nothingLeft = (): Left => ({ effects: [], state: null, taken: new Map(), notes: [], outcomes: new Map() });

interface Life {
  /** Closes after which the process is killed, or commits: whichever comes first. */
  readonly killAfter?: number;
  readonly killAtCommit?: number;
  /** Operators' words, before these closes. */
  readonly commands?: ReadonlyMap<number, Command['command']>;
  readonly feed?: () => AsyncIterable<ClosedBars>;
}

/** One life of a session; `asked` counts the decisions that it made. */
async function live(strategy: Strategy, left: Left, { killAfter, killAtCommit, commands, feed }: Life = {}) {
  let [asked, done, commits, now] = [0, 0, 0, 0];
  const counted: Strategy = {
    ...strategy,
    forSymbol: (symbol) => {
      const inner = strategy.forSymbol(symbol);
      const decide: typeof inner.decide = (view) => {
        asked += 1;
        return inner.decide(view);
      };
      return {
        decide,
        ...(inner.orders === undefined ? {} : { orders: (view, book) => inner.orders!(view, book) }),
        ...(inner.save === undefined ? {} : { save: () => inner.save!(), restore: (state) => inner.restore!(state) }),
      };
    },
  };
  const mayDie = (): void => {
    commits += 1;
    if (commits === killAtCommit) throw new Killed();
  };
  const outcomes = new SignalOutcomes({
    symbols: SYMBOLS,
    actions: rules.actions,
    marks: { ...PLAIN_MARKS, horizonBars: 5 },
    write: (known) => {
      for (const one of known) left.outcomes.set(one.record, one);
      return Promise.resolve(true);
    },
  });
  const result = await runPaperSession({
    ...rules,
    strategy: counted,
    sessionId: 's',
    feed: outcomes.followed(feed?.() ?? replayFeed(bars, rules.instruments)),
    journal: outcomes.heard(new MortalJournal(SYMBOLS, { record: left, mayDie })),
    keepEvery: KEEP_EVERY,
    note: (text) => void left.notes.push(text),
    commands: {
      begun: Math.max(-1, ...left.taken.keys()),
      replayed: (step) => left.taken.get(step) ?? [],
      take: (step) => {
        // A close makes two steps.
        const command = commands?.get(step / 2);
        if (command === undefined) return Promise.resolve([]);
        const taken = [{ command, timeMs: null }];
        left.taken.set(step, taken);
        return Promise.resolve(taken);
      },
    },
    clock: () => (now += 1_000),
    onStep: () => {
      done += 1;
      if (done === killAfter) throw new Killed();
    },
  }).catch((error: unknown) => {
    if (error instanceof Killed) return null;
    throw error;
  });
  return { result, asked, closes: done };
}

function wordsOf(random: Random): ReadonlyMap<number, Command['command']> {
  const words = ['halt', 'reduce', 'flatten', 'resume', 'resume'] as const;
  return new Map(Array.from({ length: 4 }, () => [1 + random.integer(BARS), words[random.integer(words.length)]!]));
}

const strategies: readonly Strategy[] = [createRuleStrategy('sma-cross', { fast: 2, slow: 5 }), bracketStrategy];

const byRecord = ([one]: [number, SignalOutcome], [other]: [number, SignalOutcome]): number => one - other;

describe('a session that is killed at random', () => {
  it('ends, from its last state, with the journal and books of one that nobody disturbed', async () => {
    let [restored, followed] = [0, 0];
    for (let seed = 0; seed < 24; seed++) {
      const random = createRandom(`killed/${seed}`);
      const strategy = strategies[seed % 2]!;
      const commands = wordsOf(random);
      const undisturbed = nothingLeft();
      const whole = (await live(strategy, undisturbed, { commands })).result!;
      const left = nothingLeft();
      let last = null;
      while (last === null) {
        restored += left.state === null ? 0 : 1;
        const kill = 1 + random.integer(80);
        const life = random.integer(2) === 0 ? { killAfter: kill } : { killAtCommit: kill };
        last = (await live(strategy, left, { ...life, commands })).result;
      }
      expect([seed, last.journalHash]).toEqual([seed, whole.journalHash]);
      expect(last).toEqual({ ...whole, refusals: last.refusals });
      expect(last.refusals).toEqual(whole.refusals);
      expect(last.ledger).toEqual(whole.ledger);
      expect([last.grossExposure, last.netExposure]).toEqual([whole.grossExposure, whole.netExposure]);
      expect(left.notes).toEqual([]);
      expect([...left.outcomes].sort(byRecord)).toEqual([...undisturbed.outcomes].sort(byRecord));
      followed += left.outcomes.size;
    }
    expect(followed).toBeGreaterThan(100);
    expect(restored).toBeGreaterThan(40);
  });

  it('is the backtest of its bars, however often it was restored', async () => {
    const strategy = strategies[0]!;
    const left = nothingLeft();
    let last = null;
    while (last === null) last = (await live(strategy, left, { killAfter: 17 })).result;
    expect(last.journalHash).toBe(runHistoricalSession({ ...rules, strategy, bars }).journalHash);
    expect(last.bars).toBe(2 * BARS);
  });
});

describe('a restart', () => {
  it('takes as many steps as there are bars since the last state, however long the session is', async () => {
    const left = nothingLeft();
    for (const killAfter of [100, 20]) await live(strategies[0]!, left, { killAfter });
    const { step } = JSON.parse(left.state!) as SessionState;
    expect(step).toBe(2 * 108);
    const { asked, closes, result } = await live(strategies[0]!, left);
    expect([asked, closes]).toEqual([SYMBOLS.length * (BARS - 108), BARS - 108]);
    expect(result!.bars).toBe(2 * BARS);
  });

  it('is a replay from the start, and says so in one line, where the state is of another strategy', async () => {
    const left = nothingLeft();
    await live(strategies[0]!, left, { killAfter: 50 });
    const other = createRuleStrategy('sma-cross', { fast: 2, slow: 6 });
    await expect(live(other, left)).rejects.toThrow('does not repeat its journal');
    expect(left.notes).toEqual([expect.stringMatching(/from its start: .* of another strategy/)]);
  });

  it('is a replay from the start, and says so, where a strategy cannot tell what it remembers', async () => {
    const silent: Strategy = { name: 'silent', parameters: {}, forSymbol: () => ({ decide: () => HOLD }) };
    const left = nothingLeft();
    await live(silent, left, { killAfter: 50, commands: new Map([[5, 'halt']]) });
    expect([left.state, left.notes]).toEqual([null, []]);
    expect((await live(silent, left)).closes).toBe(BARS);
    expect(left.notes).toEqual([expect.stringContaining('cannot tell what it remembers')]);
  });

  it('gives up before anything is done where the state does not fit', async () => {
    const left = nothingLeft();
    await live(strategies[1]!, left, { killAfter: 59 });
    const whole = left.state!;
    const misfit = async (state: object, feed?: Life['feed']): Promise<void> => {
      left.state = JSON.stringify({ ...(JSON.parse(whole) as object), ...state });
      const before = left.effects.length;
      const life = live(strategies[1]!, left, feed === undefined ? {} : { feed });
      await expect(life).rejects.toThrow(StateMisfit);
      expect(left.effects.length).toBe(before);
    };
    await misfit({ step: 95 });
    await misfit({ step: 94 });
    await misfit({ engine: null });
    await misfit({ venue: {} });
    await misfit({ step: 2 * BARS + 2 });
    const short = async function* (): AsyncGenerator<ClosedBars> {
      yield { closeTimeMs: 0, bars: [], goesLive: true };
    };
    await misfit({}, short);
    // What it then does is not what it did.
    const state = JSON.parse(whole) as { engine: { portfolio: { figures: object } } };
    Object.assign(state.engine.portfolio.figures, { cash: 1e9, equity: 1e9 });
    await misfit(state);
    left.state = null;
    expect((await live(strategies[1]!, left)).result!.journalHash).toBe(
      (await live(strategies[1]!, nothingLeft())).result!.journalHash,
    );
  });
});
