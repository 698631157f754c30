import { describe, expect, it } from 'vitest';
import { compileOwnFile } from '../../../infra/own-files/compile-own-file.ts';
import { ownFilesPlace } from '../../../infra/own-files/testing/own-files-place.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import type { Command, Effect } from '../../effect.ts';
import { createSizer } from '../../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../../signals/signal-validator.ts';
import { allocateStrategies } from '../../strategies/allocated/allocate-strategies.ts';
import { loadOwnStrategy } from '../../strategies/own/load-own-strategy.ts';
import { createRuleStrategy } from '../../strategies/rule-strategies.ts';
import type { Strategy } from '../../strategies/strategy.ts';
import { MortalJournal, type JournalRecord } from '../../testing/mortal-journal.ts';
import { randomWalkBars, testInstrument } from '../../testing/random-walk-bars.ts';
import { replayFeed, type ClosedBars } from '../replayed-feed.ts';
import { runPaperSession } from '../streaming-session.ts';
import type { PaperSessionOptions } from './paper-session-options.ts';

// Code of a user's that stops answering while a live session holds a position.

const BARS = 160;
const SILENT_AT = 60;
const file = ownFilesPlace();
const bars = [randomWalkBars('AAA', BARS, { seed: 3, sigma: 0.01 })];
const instruments = [testInstrument('AAA')];

const deciding = (body: string, more = ''): string =>
  file(
    'mine',
    "import type { OwnStrategy } from 'signalbox';",
    'const strategy: OwnStrategy = {',
    '  parameters: {},',
    '  create() {',
    '    let seen = 0;',
    `    return { decide(view) { seen += 1; ${body} }, ${more} };`,
    '  },',
    '};',
    'export default strategy;',
  );
const MEMORY = 'save: () => ({ seen }), restore: (state) => { seen = (state as { seen: number }).seen; },';
const SILENT = `while (view.length === ${SILENT_AT}) void 0; return view.length % 10 === 5 ? 'BUY' : 'HOLD';`;

class Killed extends Error {}

interface Life {
  readonly strategy: Strategy;
  readonly record?: JournalRecord;
  readonly killAfter?: number;
  /** Closes that were given before a restart. */
  readonly had?: number;
  readonly isLive?: boolean;
  readonly commands?: ReadonlyMap<number, Command['command']>;
  readonly options?: Partial<PaperSessionOptions>;
}

/** One life of a session whose positions have a stop 1.5 % below. */
async function live({ strategy, record, killAfter, had = 0, isLive = true, commands, options }: Life) {
  const notes: string[] = [];
  let [done, now] = [0, 0];
  async function* feed(): AsyncGenerator<ClosedBars> {
    let given = 0;
    for await (const closed of replayFeed(bars, instruments)) {
      if (given === had && isLive) yield { closeTimeMs: closed.closeTimeMs, bars: [], goesLive: true };
      yield given < had ? { ...closed, again: true } : closed;
      given += 1;
    }
  }
  const journal = new MortalJournal(['AAA'], record === undefined ? {} : { record });
  const result = await runPaperSession({
    instruments,
    strategy,
    sizing: { kind: 'fraction-of-equity', fraction: 0.3 },
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker({ feeBps: 5 }),
    protection: { stopLoss: { percent: 0.015 }, takeProfit: null, trailing: null },
    capital: 100_000,
    sessionId: 's',
    feed: feed(),
    journal,
    keepEvery: 12,
    note: (text) => void notes.push(text),
    commands: {
      begun: 2 * had - 1,
      replayed: () => [],
      take: (step) => {
        const command = commands?.get(step / 2);
        return Promise.resolve(command === undefined ? [] : [{ command, timeMs: null }]);
      },
    },
    clock: () => (now += 1_000),
    onStep: () => {
      done += 1;
      if (done === killAfter) throw new Killed();
    },
    ...options,
  }).catch((error: unknown) => {
    if (error instanceof Killed) return null;
    throw error;
  });
  return { result, notes, effects: journal.effects };
}

const ofKind = (effects: readonly Effect[], kind: Effect['kind']): readonly Effect[] =>
  effects.filter((effect) => effect.kind === kind);
const silent = (deadlineSeconds = 0.4, more = MEMORY): Strategy =>
  loadOwnStrategy(deciding(SILENT, more), { deadlineSeconds });

describe('a strategy that stops answering in a live session', () => {
  it('is refused and not asked again; only reductions from there on, the stop fires, operators are heard', async () => {
    const { result, notes, effects } = await live({ strategy: silent(), commands: new Map([[150, 'halt']]) });
    expect(result!.bars).toBe(BARS);
    const at = bars[0]!.closeTimeMs[SILENT_AT - 1]!;
    const refusals = result!.refusals.filter(({ code }) => code === 'strategy-silent');
    expect(refusals).toEqual([expect.objectContaining({ timeMs: at, stage: 'signal' })]);
    const states = ofKind(effects, 'state');
    expect(states).toEqual([
      { kind: 'state', timeMs: at, state: 'reduce', cause: 'code-silent', value: SILENT_AT, limit: 0 },
      expect.objectContaining({ state: 'halt', cause: 'command' }),
    ]);
    // A position was held, and its stop sold it afterwards.
    const after = ofKind(effects, 'fill').filter(({ timeMs }) => timeMs > at) as { quantity: number }[];
    expect(after.map(({ quantity }) => Math.sign(quantity))).toEqual([-1]);
    expect(ofKind(effects, 'signal').filter(({ timeMs }) => timeMs >= at)).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(/did not answer within 0\.4 s.*goes on without it: exits and stops/)]);
    expect(result!.reasons.join('\n')).toMatch(/did not answer at .* only reduced from there on/);
  });

  it.each([
    ['a state', MEMORY],
    ['its start', ''],
  ])('is not asked again where the session is killed and goes on from %s', async (_from, more) => {
    const path = deciding(SILENT, more);
    const whole = await live({ strategy: loadOwnStrategy(path, { deadlineSeconds: 0.4 }) });
    for (const killAfter of [SILENT_AT, SILENT_AT + 3, SILENT_AT + 20]) {
      const record: JournalRecord = { effects: [], state: null };
      // The last state is one from before the question, or after it.
      const options = { keepEvery: 25 };
      await live({ strategy: loadOwnStrategy(path, { deadlineSeconds: 0.4 }), record, killAfter, options });
      // Asked again it would be waited for, and refused with another number.
      const again = loadOwnStrategy(path, { deadlineSeconds: 30 });
      const { result } = await live({ strategy: again, record, had: killAfter, options });
      expect(result!.journalHash).toBe(whole.result!.journalHash);
      expect(result!.equity.at(-1)).toBe(whole.result!.equity.at(-1));
    }
  });

  it('ends one in which nothing is at stake, in words', async () => {
    await expect(live({ strategy: silent(), isLive: false })).rejects.toThrow(/did not answer within 0\.4 s/);
  });

  it('leaves the others of its account at work', async () => {
    const part = (name: string, strategy: Strategy) => ({ name, strategy, allocation: 0.5 });
    const limits = { positionFraction: 1, exposureFraction: 1 };
    const strategy = allocateStrategies({
      strategies: [
        { ...part('mine', silent()), limits },
        { ...part('cross', createRuleStrategy('sma-cross', { fast: 2, slow: 5 })), limits },
      ],
      sizer: () => createSizer({ kind: 'fraction-of-equity', fraction: 0.3 }, { symbols: 1, barsPerYear: 252 }),
      rules: { maxAgeBars: 0, longShort: false, buyAbove: 0.5, sellBelow: 0.5, minConfidence: 0, cooldownBars: 0 },
      rebalanced: 'never',
      hours: null,
    } as unknown as Parameters<typeof allocateStrategies>[0]);
    const { effects } = await live({ strategy, options: { protection: undefined } });
    const at = bars[0]!.closeTimeMs[SILENT_AT - 1]!;
    expect(ofKind(effects, 'state')).toEqual([
      { kind: 'state', timeMs: at, state: 'run', cause: 'code-silent', value: SILENT_AT, limit: 1 },
    ]);
    const owners = ofKind(effects, 'signal').filter(({ timeMs }) => timeMs > at) as { owner?: { name: string } }[];
    expect(new Set(owners.map(({ owner }) => owner?.name))).toEqual(new Set(['cross']));
  });
});

describe('a strategy of own orders that stops answering, on an account that it shares', () => {
  const resting = (name: string, wait: string): Strategy =>
    loadOwnStrategy(
      file(
        name,
        "import type { OwnStrategy } from 'signalbox';",
        'const strategy: OwnStrategy = { parameters: {}, create: () => ({',
        '  save: () => null, restore: () => undefined,',
        `  orders(view, { working }) { ${wait}`,
        "    return working.length > 0 ? [] : [{ do: 'place', label: 'in', side: 'buy', type: 'limit', limit: 1,",
        '      size: { units: 1 } }];',
        '  } }) };',
        'export default strategy;',
      ),
      { deadlineSeconds: 0.4 },
    );
  const limits = { positionFraction: 1, exposureFraction: 1 };
  const shared = (): Strategy =>
    allocateStrategies({
      strategies: ['stays', 'silent'].map((name) => ({
        ...{ name, allocation: 0.5, limits },
        strategy: resting(name, name === 'silent' ? `while (view.length === ${SILENT_AT}) void 0;` : ''),
      })),
      sizer: () => createSizer({ kind: 'units', units: 1 }, { symbols: 1, barsPerYear: 252 }),
      rules: OPEN_SIGNAL_RULES,
      rebalanced: 'never',
      hours: null,
    });

  it('has its own entry cancelled and the other’s left, also where the session is started again', async () => {
    const options = { protection: undefined };
    const whole = await live({ strategy: shared(), options });
    expect(ofKind(whole.effects, 'cancel')).toMatchObject([{ sequence: 2 }]);
    expect(ofKind(whole.effects, 'order').map(({ timeMs }) => timeMs)).toHaveLength(2);
    expect(whole.result!.refusals.map(({ code }) => code)).toEqual(['strategy-silent', 'expired']);
    const record: JournalRecord = { effects: [], state: null };
    await live({ strategy: shared(), record, killAfter: SILENT_AT + 20, options });
    const { result } = await live({ strategy: shared(), record, had: SILENT_AT + 20, options });
    expect(result!.journalHash).toBe(whole.result!.journalHash);
  });
});

describe('a sizer that stops answering in a live session', () => {
  const code = compileOwnFile(
    file(
      'sizer',
      "import type { OwnSizer } from 'signalbox';",
      'const sizer: OwnSizer = { parameters: {}, size: ({ timeMs, equity, price }) => {',
      `  while (timeMs > ${bars[0]!.closeTimeMs[SILENT_AT]}) void 0;`,
      '  return { units: (0.2 * equity) / price };',
      '} };',
      'export default sizer;',
    ),
    'sizer',
  );

  it('opens nothing any more, exits leave, and a restart does not ask it again', async () => {
    const strategy = createRuleStrategy('sma-cross', { fast: 2, slow: 5 });
    const options = { sizing: { kind: 'file', code, parameters: {} } } as const;
    const whole = await live({ strategy, options });
    const refusals = whole.result!.refusals.filter(({ code: why }) => why === 'sizer-silent');
    expect(refusals.length).toBeGreaterThan(5);
    const from = refusals[0]!.timeMs;
    const fills = ofKind(whole.effects, 'fill').filter(({ timeMs }) => timeMs > from) as { quantity: number }[];
    expect(fills.filter(({ quantity }) => quantity > 0)).toEqual([]);
    expect(whole.notes).toEqual([expect.stringMatching(/sizer-\d+\.ts: size did not answer within 10 s/)]);
    const record: JournalRecord = { effects: [], state: null };
    await live({ strategy, options, record, killAfter: BARS - 10 });
    const { result } = await live({ strategy, options, record, had: BARS - 10 });
    expect(result!.journalHash).toBe(whole.result!.journalHash);
  });
});
