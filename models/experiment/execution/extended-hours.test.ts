import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../../features/instrument.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { experimentSchema } from '../experiment.ts';
import { inHoursOf, requireExtendedHours, requireShortBars } from './extended-hours.ts';

const extended = { calendar: 'us-equities-extended' };

function check(data: object, more: object = {}): () => void {
  const experiment = experimentSchema.parse({ name: 'x', universe: ['A'], data, ...more });
  return () => requireExtendedHours('x.yaml', experiment);
}

describe('an experiment in extended hours', () => {
  it.each(['1m', '5m', '15m', '30m'])('has bars of %s', (timeframe) => {
    expect(check({ ...extended, timeframe })).not.toThrow();
    expect(check({ ...extended, timeframe }, { execution: { extendedHours: { maxSlippageBps: 30 } } })).not.toThrow();
  });

  it.each(['1h', '4h', '1d'] as const)('has no bars of %s, which would hold both sides of the open', (timeframe) => {
    expect(check({ ...extended, timeframe })).toThrow(
      `x.yaml: data.timeframe: calendar us-equities-extended: a bar of ${timeframe} holds hours before the open`,
    );
    expect(() => requireShortBars(calendarNamed('us-equities'), timeframe)).not.toThrow();
  });

  it('bounds market orders there, and nowhere else', () => {
    const execution = { extendedHours: { maxSlippageBps: 30 } };
    expect(check({ timeframe: '5m' }, { execution })).toThrow(
      'x.yaml: execution.extendedHours: the calendar us-equities has regular hours alone',
    );
    expect(experimentSchema.parse({ name: 'x', universe: ['A'], execution }).execution).toEqual({
      extendedHours: { maxSlippageBps: 30, withinMinutes: 10 },
    });
    const wrong = { extendedHours: { maxSlippage: 30 } };
    expect(experimentSchema.safeParse({ name: 'x', universe: ['A'], execution: wrong }).success).toBe(false);
  });

  it('marks its instruments, with what is known of them', () => {
    const share: Instrument = {
      ...{ symbol: 'A', assetClass: 'equity', currency: 'USD', tick: 0.01, lot: 1, sector: null },
      rules: { band: 0.1 },
    };
    expect(inHoursOf(calendarNamed('us-equities'), [share])).toEqual([share]);
    expect(inHoursOf(calendarNamed('us-equities-extended'), [share])[0]!.rules).toEqual({
      band: 0.1,
      extendedHours: true,
    });
  });
});
