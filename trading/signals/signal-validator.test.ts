import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../strategies/strategy.ts';
import { OPEN_SIGNAL_RULES, validateSignal, type SignalMoment, type SignalRules } from './signal-validator.ts';

const RULES: SignalRules = {
  buyAbove: 0.55,
  sellBelow: 0.45,
  cooldownBars: 3,
  maxAgeBars: 2,
  minimumConfidence: 0.1,
  longShort: true,
};
const MOMENT: SignalMoment = { lateBars: 0, barsSinceOrder: Infinity, opens: true };

const signal = (changes: Partial<Signal> = {}): Signal => ({
  action: 'BUY',
  probability: 0.6,
  confidence: 0.2,
  ageBars: 0,
  reason: 'test',
  ...changes,
});
const judge = (changes: Partial<Signal> = {}, moment: Partial<SignalMoment> = {}, rules: Partial<SignalRules> = {}) =>
  validateSignal(signal(changes), { ...RULES, ...rules }, { ...MOMENT, ...moment });

describe('validateSignal', () => {
  it('lets a sure and fresh signal through, of a model or of a rule', () => {
    expect(judge()).toBeNull();
    expect(judge({ action: 'SELL', probability: 0.4 })).toBeNull();
    expect(judge({ probability: null, confidence: 1 })).toBeNull();
    expect(validateSignal(signal({ probability: null, confidence: 0 }), OPEN_SIGNAL_RULES, MOMENT)).toBeNull();
  });

  it('asks for a probability beyond the threshold: the threshold itself is weak', () => {
    expect(judge({ probability: 0.55 })).toMatchObject({ code: 'weak', value: 0.55, limit: 0.55 });
    expect(judge({ action: 'SELL', probability: 0.45 })).toMatchObject({ code: 'weak', limit: 0.45 });
    expect(judge({ probability: 0.55 + 1e-12 })).toBeNull();
  });

  it('counts lateness of the bar and age of the conclusion together', () => {
    expect(judge({ ageBars: 2 })).toBeNull();
    expect(judge({ ageBars: 1 }, { lateBars: 1 })).toBeNull();
    expect(judge({ ageBars: 1 }, { lateBars: 2 })).toMatchObject({ code: 'stale', value: 3, limit: 2 });
    expect(judge({ ageBars: 3 })).toMatchObject({ code: 'stale' });
  });

  it('lets nothing open within the cooldown, and never delays a close', () => {
    expect(judge({}, { barsSinceOrder: 3 })).toMatchObject({ code: 'cooldown', value: 3, limit: 3 });
    expect(judge({}, { barsSinceOrder: 4 })).toBeNull();
    expect(judge({}, { barsSinceOrder: 1, opens: false })).toBeNull();
  });

  it('takes the least confidence that is allowed, and nothing below', () => {
    expect(judge({ confidence: 0.1 })).toBeNull();
    expect(judge({ confidence: 0.0999 })).toMatchObject({ code: 'low-confidence', value: 0.0999, limit: 0.1 });
  });

  it('refuses what an expired model says, at any probability; the day of its end is its own', () => {
    expect(judge({ expiredDays: 0 })).toBeNull();
    expect(judge({ expiredDays: 0.5 })).toMatchObject({ code: 'model-expired', value: 0.5 });
    expect(judge({ expiredDays: NaN })).toMatchObject({ code: 'model-expired' });
    expect(judge({ expiredDays: 2, probability: 1, confidence: 1 })).toMatchObject({ code: 'model-expired' });
  });

  it('refuses every number that is none, or out of its range', () => {
    const odd = fc.oneof(
      fc.constantFrom(NaN, Infinity, -Infinity),
      fc.double({ max: -1e-9, noNaN: true }),
      fc.double({ min: 1 + 1e-9, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.constantFrom('confidence', 'probability'), odd, (name, value) => {
        expect(judge({ [name]: value })).toMatchObject({ kind: 'refused', code: 'not-finite' });
      }),
    );
    expect(judge({ ageBars: NaN })).toMatchObject({ code: 'not-finite' });
    expect(judge({ ageBars: -1 })).toMatchObject({ code: 'not-finite' });
    expect(judge({ ageBars: Infinity })).toMatchObject({ code: 'stale' });
  });

  it('never lets through under stricter rules what it refused under looser ones', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const bars = fc.integer({ min: 0, max: 5 });
    const given = fc.record({
      said: fc.record({
        action: fc.constantFrom('BUY' as const, 'SELL' as const),
        probability: unit,
        confidence: unit,
      }),
      age: bars,
      late: bars,
      since: bars,
      opens: fc.boolean(),
      less: unit,
    });
    fc.assert(
      fc.property(given, ({ said, age, late, since, opens, less }) => {
        const moment = { lateBars: late, barsSinceOrder: since, opens };
        const strict: Partial<SignalRules> = {
          buyAbove: RULES.buyAbove + less * (1 - RULES.buyAbove),
          sellBelow: RULES.sellBelow * less,
          maxAgeBars: 1,
          cooldownBars: 4,
          minimumConfidence: Math.max(less, RULES.minimumConfidence),
        };
        if (judge({ ...said, ageBars: age }, moment) === null) return;
        expect(judge({ ...said, ageBars: age }, moment, strict)).not.toBeNull();
      }),
    );
  });
});
