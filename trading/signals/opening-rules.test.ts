import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { parseYamlText } from '../../infra/files/yaml-file.ts';
import { experimentSchema } from '../../models/experiment/experiment.ts';
import { refusalReason } from '../refusal.ts';
import type { Signal } from '../strategies/strategy.ts';
import { openingRefusal, openingRulesOf, type OpeningMoment } from './opening-rules.ts';
import { SignalGate } from './signal-gate.ts';
import { OPEN_SIGNAL_RULES } from './signal-validator.ts';

const at = (text: string): number => Date.parse(text);
const experimentWith = (signals: string) =>
  parseYamlText(experimentSchema, `name: one\nuniverse: [AAA]\nsignals: ${signals}\n`, 'one.yaml');
const rulesOf = (signals: string) => openingRulesOf(experimentWith(signals))!;
const signal = (changes: Partial<Signal> = {}): Signal => ({
  ...{ action: 'BUY', probability: 0.6, confidence: 0.2, ageBars: 0, reason: 'test' },
  ...changes,
});
const codeOf = (signals: string, said: Partial<Signal> = {}, moment: Partial<OpeningMoment> = {}): string | null => {
  const when = { timeMs: at('2024-01-31T20:00:00Z'), symbol: 'AAA', openedToday: 0, ...moment };
  return openingRefusal(signal(said), rulesOf(signals), when)?.code ?? null;
};

describe('rules of an experiment for signals that would open', () => {
  it('are none where the keys are absent: the experiment is the same as before there were any', () => {
    expect(openingRulesOf(experimentWith('{}'))).toBeUndefined();
    const keys = ['buyAbove', 'sellBelow', 'cooldownBars', 'maxAgeBars', 'longShort'];
    expect(Object.keys(experimentWith('{}').signals)).toEqual(keys);
  });

  it('ask for a class of strength, whose threshold is in it', () => {
    expect(codeOf('{ minimumStrength: moderate }', { confidence: 0.1 })).toBeNull();
    expect(codeOf('{ minimumStrength: moderate }', { confidence: 0.0999 })).toBe('too-weak');
    expect(codeOf('{ minimumStrength: strong, strength: { strong: 0.2 } }', { confidence: 0.2 })).toBeNull();
    expect(codeOf('{ minimumStrength: strong, strength: { strong: 0.2 } }', { confidence: 0.19 })).toBe('too-weak');
    expect(codeOf('{ minimumStrength: strong }', { probability: null, confidence: 1 })).toBeNull();
  });

  it('keep to hours, in UTC or New York with its summer time, and over midnight', () => {
    const newYork = '{ hours: { from: "09:45", to: "15:45", timezone: America/New_York } }';
    const codes = (rules: string, times: string[]): (string | null)[] =>
      times.map((time) => codeOf(rules, {}, { timeMs: at(time) }));
    expect(codes(newYork, ['2024-01-31T14:45:00Z', '2024-01-31T20:45:00Z', '2024-07-31T19:45:00Z'])).toEqual([
      null,
      null,
      null,
    ]);
    const out = ['2024-01-31T14:44:59Z', '2024-01-31T20:45:01Z', '2024-07-31T20:45:00Z'];
    expect(new Set(codes(newYork, out))).toEqual(new Set(['outside-hours']));
    const night = '{ hours: { from: "22:00", to: "06:00" } }';
    expect(codes(night, ['2024-01-31T23:00:00Z', '2024-01-31T06:00:00Z'])).toEqual([null, null]);
    expect(codes(night, ['2024-01-31T12:00:00Z'])).toEqual(['outside-hours']);
  });

  it('open nothing within a blackout, of all symbols or of those named; a date at its end is in it', () => {
    const rules =
      '{ blackouts: [{ from: 2024-01-31, to: 2024-01-31 }, { from: "2024-02-01T10:00:00+01:00", to: "2024-02-01T12:00:00Z", symbols: [BBB] }] }';
    expect(codeOf(rules, {}, { timeMs: at('2024-01-31T00:00:00Z') })).toBe('blackout');
    expect(codeOf(rules, {}, { timeMs: at('2024-01-31T23:59:59Z') })).toBe('blackout');
    expect(codeOf(rules, {}, { timeMs: at('2024-02-01T00:00:00Z') })).toBeNull();
    expect(codeOf(rules, {}, { timeMs: at('2024-02-01T09:00:00Z') })).toBeNull();
    expect(codeOf(rules, {}, { timeMs: at('2024-02-01T09:00:00Z'), symbol: 'BBB' })).toBe('blackout');
    expect(codeOf(rules, {}, { timeMs: at('2024-02-01T12:00:00Z'), symbol: 'BBB' })).toBeNull();
  });

  it('refuse rows unlike those of training, members that disagree, and a model that does not know', () => {
    const rules = '{ maxNovelty: 0.99, maxDisagreement: 0.2 }';
    expect(codeOf(rules, { novelty: 0.99, disagreement: 0.2 })).toBeNull();
    expect(codeOf(rules, { novelty: 0.995, disagreement: 0.2 })).toBe('novel');
    expect(codeOf(rules, { novelty: 0.5, disagreement: 0.21 })).toBe('disagreement');
    expect(codeOf(rules, { novelty: null, disagreement: 0 })).toBe('novelty-unknown');
    expect(codeOf(rules, { novelty: 0.5 })).toBe('disagreement-unknown');
    expect(codeOf(rules, { probability: null, confidence: 1 })).toBeNull();
    expect(refusalReason('disagreement', 0.21, 0.2)).toBe("the members' probabilities lie 0.2100 apart, 0.2 allowed");
  });

  it('refuse keys and values that make no sense, with their place', () => {
    const said = (signals: string): string => {
      try {
        experimentWith(signals);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(said('{ maxPerDays: 3 }')).toMatch(/signals.*maxPerDay/s);
    expect(said('{ hours: { from: "9:45", to: "15:45" } }')).toMatch(/signals\.hours\.from.*"09:45"/s);
    expect(said('{ hours: { from: "09:45", to: "09:45" } }')).toMatch(/signals\.hours\.to.*must differ/s);
    expect(said('{ blackouts: [{ from: 2024-02-01, to: 2024-01-31 }] }')).toMatch(
      /signals\.blackouts\[0\]\.to.*after from/s,
    );
    expect(said('{ blackouts: [{ from: soon, to: 2024-01-31 }] }')).toMatch(/blackouts\[0\]\.from.*a date/s);
    expect(said('{ strength: { moderate: 0.4 } }')).toMatch(/signals\.strength\.moderate.*must not exceed/s);
  });
});

describe('SignalGate', () => {
  const day = DAY_MS;
  const gate = (): SignalGate =>
    new SignalGate(
      { ...OPEN_SIGNAL_RULES, opening: { maxPerDay: 2 } },
      { places: 2, dayOf: (timeMs) => Math.floor(timeMs / day) },
    );
  const moment = (timeMs: number, more: object = {}) => ({
    ...{ lateBars: 0, barsSinceOrder: Infinity, opens: true, place: 0, symbol: 'AAA', timeMs },
    ...more,
  });

  it('counts what it lets through to open, by symbol and day, and holds back no exit', () => {
    const one = gate();
    const ask = (timeMs: number, more: object = {}): string | null =>
      one.refusal(signal(), moment(timeMs, more))?.code ?? null;
    expect([ask(1), ask(2), ask(3)]).toEqual([null, null, 'signals-per-day']);
    expect(ask(4, { opens: false })).toBeNull();
    expect(ask(5, { place: 1 })).toBeNull();
    expect([ask(day), ask(day + 1), ask(day + 2)]).toEqual([null, null, 'signals-per-day']);
  });

  it('goes on counting where it is taken up again', () => {
    const [one, other] = [gate(), gate()];
    one.refusal(signal(), moment(1));
    one.refusal(signal(), moment(2));
    other.restore(JSON.parse(JSON.stringify(one.save())) as ReturnType<SignalGate['save']>);
    expect(other.refusal(signal(), moment(3))).toMatchObject({ code: 'signals-per-day', value: 3, limit: 2 });
    expect(other.refusal(signal(), moment(3, { place: 1 }))).toBeNull();
  });
});
