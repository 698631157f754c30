import { describe, expect, it } from 'vitest';
import { parseFeatureSet } from '../../../features/feature-set.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import type { LiveModel } from '../live-models.ts';
import { LivePredictor } from './live-predictor.ts';
import { LiveActions } from './live-actions.ts';
import { championDeciding, type ChampionDecidingOptions } from './live-deciding.ts';
import { liveTail, type LiveTailOptions } from './live-tail.ts';

const SYMBOLS = ['AAA'];
const set = parseFeatureSet(['return(1)'], { timeframe: '1d', symbols: SYMBOLS });

function modelOf(label: string, changes: Partial<LiveModel['model']> = {}): LiveModel {
  const model = {
    featureNames: set.columns,
    window: 1,
    trainedToMs: 0,
    predictDetailed: () => ({ probability: Float64Array.of(0.5), score: Float64Array.of(0), members: [] }),
    ...changes,
  } as LiveModel['model'];
  return { hash: `hash of ${label}`, label, model, expiresAtMs: Infinity, reasonsOf: () => '', noveltyOf: () => null };
}

type Champion = Awaited<ReturnType<ChampionDecidingOptions['models']['champion']>>;

function tail(lateBars: LiveTailOptions['lateBars'] = () => 0) {
  const notes: string[] = [];
  const now: { champion: Champion } = { champion: modelOf('m@1') };
  const note = (text: string): unknown => notes.push(text);
  const options: LiveTailOptions = {
    deciding: championDeciding({
      models: { champion: () => Promise.resolve(now.champion), recorded: () => Promise.reject(new Error('not asked')) },
      predictor: new LivePredictor({ set, symbols: SYMBOLS, actions: [[]], keptRows: 8 }),
      note,
    }),
    actions: new LiveActions({
      symbols: SYMBOLS,
      shares: [true],
      calendar: calendarNamed('none'),
      historyMs: [0],
      adjust: 'splits',
      trustActions: false,
      realJumps: false,
      recorded: () => Promise.resolve([[]]),
      note,
    }),
    lateBars,
    overdue: lateBars,
    note,
  };
  return { notes, now, live: liveTail(options) };
}

describe('what decides a live close', () => {
  it.each<[string, Champion, RegExp]>([
    ['of other features', modelOf('m@2', { featureNames: ['rsi(14)'] }), /m@2: it was trained on other features/],
    ['that looks further back', modelOf('m@2', { window: 9 }), /m@2: it looks at 9 rows and this session keeps 8/],
    [
      'that knows later labels',
      modelOf('m@2', { trainedToMs: 1001 }),
      /m@2: .* labels that end after the bars in hand/,
    ],
    ['that the registry calls unfit', { hash: 'h', label: 'm@2', unfit: 'it is broken' }, /m@2: it is broken/],
    ['that nobody is', null, /no champion: no version is the champion/],
  ])('is no version %s: said once, until one fits again', async (_, champion, words) => {
    const { notes, now, live } = tail();
    expect(await live.decider(1000)).toEqual({ decidedBy: 'hash of m@1', unfit: null });
    expect(notes).toEqual([]);
    now.champion = champion;
    const decider = await live.decider(1000);
    expect(decider.unfit).not.toBeNull();
    expect(await live.decider(1000)).toEqual(decider);
    expect(notes).toEqual([expect.stringMatching(words)]);
    now.champion = modelOf('m@3');
    expect(await live.decider(1000)).toEqual({ decidedBy: 'hash of m@3', unfit: null });
    expect(notes.at(-1)).toBe('m@3 is the champion now: it decides from this bar on');
  });

  it('is a version again once the bars have reached what it was trained to', async () => {
    const { now, live } = tail();
    now.champion = modelOf('m@2', { trainedToMs: 1500 });
    expect((await live.decider(1000)).unfit).not.toBeNull();
    expect((await live.decider(2000)).unfit).toBeNull();
  });

  it('is not loaded again for a close that was refused before a restart', async () => {
    const { live } = tail();
    const bar = { openTimeMs: 1, closeTimeMs: 2, open: 1, high: 1, low: 1, close: 1, volume: 1 };
    const closed = { closeTimeMs: 2, bars: [{ symbol: 0, bar }] };
    await live.observe(closed, { decidedBy: 'a model that is gone', unfit: 'it did not fit' });
    await expect(live.observe(closed, { decidedBy: 'a model that is gone', unfit: null })).rejects.toThrow('not asked');
  });
});

describe('a close that comes late', () => {
  it('is said when lateness begins, and again after it has ended', () => {
    const late = [0, 3, 2, 0, 1];
    const { notes, live } = tail(() => late.shift()!);
    const told = [1, 2, 3, 4, 5].map((close) => live.lateBars(close));
    expect(told).toEqual([0, 3, 2, 0, 1]);
    expect(notes).toEqual([expect.stringContaining('came 3 bars late'), expect.stringContaining('came 1 bar late')]);
  });
});
