import { describe, expect, it } from 'vitest';
import { experimentSchema } from '../../models/experiment/experiment.ts';
import { sessionRules } from '../../trading/sessions/session-rules.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { randomWalkBars } from '../../trading/testing/random-walk-bars.ts';
import type { RuleOptions } from '../command-options.ts';
import { parseProtection } from './protection-options.ts';

const options = (given: Partial<RuleOptions>): RuleOptions => given as RuleOptions;

describe('--stop-loss, --take-profit and --trailing', () => {
  it('are shares of the price, average true ranges or money a unit', () => {
    expect(parseProtection(options({ stopLoss: '5%', takeProfit: '2.5atr', trailing: '.5' }))).toEqual({
      stopLoss: { percent: 0.05 },
      takeProfit: { atr: 2.5 },
      trailing: { price: 0.5 },
    });
    expect(parseProtection(options({ takeProfit: '100 %' }))).toMatchObject({
      takeProfit: { percent: 1 },
      trailing: null,
    });
    expect(parseProtection(options({ stopLoss: '3e-9' }))).toMatchObject({ stopLoss: { price: 3e-9 } });
    expect(parseProtection(options({}))).toBeUndefined();
  });

  it('a trailing stop may begin once the price has gone some way, and only a trailing stop', () => {
    expect(parseProtection(options({ trailing: '3%', trailingAfter: '5%' }))).toMatchObject({
      trailing: { percent: 0.03 },
      trailingAfter: { percent: 0.05 },
    });
    expect(() => parseProtection(options({ stopLoss: '1%', trailingAfter: '5%' }))).toThrow(
      /Give --trailing too|begins/,
    );
    const named = { name: 'a', universe: ['A'] };
    const alone = experimentSchema.safeParse({ ...named, protection: { trailingAfter: { percent: 0.05 } } });
    expect(alone.error?.issues[0]?.message).toMatch(/give trailing too/);
  });

  it.each(['0', '-5%', 'atr', '5 percent', '1e', 'NaN', ''])('%s is refused in words', (text) => {
    expect(() => parseProtection(options({ trailing: text }))).toThrow(/--trailing .*is not a distance/);
  });
});

describe('a stop a whole price away', () => {
  it.each(['100%', '101%', '200%'])('is refused: at %s it lies at 0 or below', (text) => {
    expect(() => parseProtection(options({ stopLoss: text }))).toThrow(/--stop-loss .* lies at a price of 0 or below/);
    expect(() => parseProtection(options({ trailing: text }))).toThrow(/--trailing .* lies at a price of 0 or below/);
  });
});

describe('protection of an experiment', () => {
  const named = { name: 'a', universe: ['A'] };
  const rules = (protection?: unknown): unknown =>
    sessionRules(
      experimentSchema.parse(protection === undefined ? named : { ...named, protection }),
      [randomWalkBars('A', 3, { seed: 1 })],
      calendarNamed('none'),
    ).protection;

  it('reaches its sessions, and is none where the key is absent', () => {
    expect(rules()).toBeUndefined();
    expect(rules({ stopLoss: { percent: 0.05 } })).toEqual({
      stopLoss: { percent: 0.05 },
      takeProfit: null,
      trailing: null,
    });
    expect(() => rules({ stopLoss: { percent: 5 } })).toThrow();
    expect(() => rules({ trailing: { percent: 1 } })).toThrow();
    expect(() => rules({ stopLoss: { percent: 0.1, atr: 2 } })).toThrow();
  });
});
