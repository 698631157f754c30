import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import type { ExecutionRule } from '../../../models/experiment/execution/execution-schema.ts';
import type { SharedAccount } from '../../portfolio/sub-ledgers.ts';
import type { ProtectionRule } from '../../risk/protection.ts';
import { steppedSession } from '../../testing/stepped-session.ts';
import { createRuleStrategy } from '../rule-strategies.ts';
import type { Strategy } from '../strategy.ts';
import { restlessOrders } from '../testing/restless-orders.ts';
import { SHORT_PARAMETERS } from '../testing/short-parameters.ts';
import { oneOf, sessionOf, shared, SYMBOLS, watched } from '../testing/stepped-sharers.ts';

const SPREAD: readonly ExecutionRule[] = [
  { kind: 'twap', slices: 4, withinMinutes: 240 },
  { kind: 'twap', slices: 3, withinMinutes: 360 },
  { kind: 'vwap', slices: 3, withinMinutes: 180, profileDays: 3 },
  { kind: 'participation', share: 0.01 },
];
const RESTING: readonly ExecutionRule[] = [
  { kind: 'twap', slices: 2, withinMinutes: 240, maxSlippageBps: 60 },
  { kind: 'participation', share: 0.01, withinMinutes: 600, maxSlippageBps: 80 },
  { kind: 'chase', maxSlippageBps: 100, withinMinutes: 240 },
  { kind: 'maker', takerAfterMinutes: 180, offsetBps: 5 },
];
const RULES = ['momentum', 'sma-cross', 'mean-reversion', 'breakout'] as const;

const PROTECTIONS: readonly (ProtectionRule | undefined)[] = [
  undefined,
  { stopLoss: { percent: 0.01 }, takeProfit: { atr: 2 }, trailing: null },
  { stopLoss: { atr: 1 }, takeProfit: null, trailing: { percent: 0.015 } },
];

describe('orders of signals that are executed in parts', () => {
  it('of a rule that has all of the account are those of a rule alone', () => {
    const told = (seed: number, together: boolean): readonly string[] => {
      const random = createRandom(`sliced/${seed}`);
      const name = oneOf(random, RULES);
      const rule = createRuleStrategy(name, SHORT_PARAMETERS[name] ?? {});
      const longShort = seed % 3 === 0;
      const protection = oneOf(random, PROTECTIONS);
      const exits = protection === undefined ? [...SPREAD, ...RESTING] : SPREAD;
      const execution = { entry: oneOf(random, [...SPREAD, ...RESTING]), exit: oneOf(random, exits) };
      const sharing = { most: 1_000, longShort, executions: [execution] };
      const strategy: Strategy = together ? shared([rule], 1, sharing) : rule;
      const session = sessionOf(strategy, random, true);
      // Flatten waits for an order of the only strategy, and for none of several.
      const timedCommands = session.timedCommands!.map((one) => {
        return one.command === 'flatten' ? { ...one, command: 'halt' as const } : one;
      });
      // What is wanted next of several is on the lot before a split, and of one after it.
      const actions = session.actions?.map((some) => some.filter(({ kind }) => kind !== 'split'));
      const options = { ...session, actions, timedCommands, signals: { longShort }, protection };
      const sliced = together ? options : { ...options, execution };
      const unnamed = (key: string, value: unknown): unknown => {
        if (key === 'owner') return undefined;
        return key === 'label' || value === 'expired' ? null : value;
      };
      return (
        steppedSession(sliced, seed % 5 === 0 ? [20, 90, 150] : [])
          .effects.map((effect) => JSON.parse(effect, unnamed) as { kind: string; role?: string; parent?: number })
          .filter(({ kind, role, parent }) => {
            return (
              !['signal', 'refusal'].includes(kind) && (kind !== 'terms' || role !== 'order' || parent !== undefined)
            );
          })
          .map((effect) => JSON.stringify({ ...effect, ...('terms' in effect && plain(effect.terms)) }))
          // A kill switch cancels the order of the only strategy twice: as one at work, and as a part.
          .filter((effect, at, all) => !effect.startsWith('{"kind":"cancel"') || all.indexOf(effect) === at)
      );
    };
    const plain = (terms: unknown): object => {
      const { role, parent } = (terms ?? {}) as { role?: string; parent?: number };
      return role === 'order' && parent === undefined ? { terms: null } : {};
    };
    let [parents, children] = [0, 0];
    for (let seed = 0; seed < 40; seed++) {
      const [alone, together] = [told(seed, false), told(seed, true)];
      parents += alone.filter((effect) => effect.startsWith('{"kind":"parent"')).length;
      children += alone.filter((effect) => effect.startsWith('{"kind":"child"')).length;
      const first = alone.findIndex((effect, at) => effect !== together[at]);
      expect([seed, first, together[first], together.length]).toEqual([seed, -1, alone[first], alone.length]);
    }
    expect(parents).toBeGreaterThan(800);
    expect(children).toBeGreaterThan(1_500);
  });

  it('add up to the account, sell nothing that their part has not, and go on the same in another process', () => {
    let [parents, closes, opposite] = [0, 0, 0];
    for (let seed = 0; seed < 40; seed++) {
      const random = createRandom(`parts/${seed}`);
      const shortAllowed = random.integer(3) === 0;
      const protection = oneOf(random, PROTECTIONS);
      const exits = protection === undefined ? [...SPREAD, ...RESTING, undefined] : [...SPREAD, undefined];
      const own = protection === undefined ? [restlessOrders(`parts${seed}`)] : [];
      const rules = RULES.slice(0, 3).map((name) => createRuleStrategy(name, SHORT_PARAMETERS[name] ?? {}));
      const executions = rules.map(() => ({
        entry: oneOf(random, [...SPREAD, ...RESTING, undefined]),
        exit: oneOf(random, exits),
      }));
      const found: [string, number][] = [];
      let look = (): void => undefined;
      const sharing = { longShort: shortAllowed, executions };
      const strategy = watched(shared([...rules, ...own], own.length > 0 ? 0.25 : 0.3, sharing), {
        begun: ({ parts }, account) => {
          look = () => {
            const { cash, quantity } = account as SharedAccount & { readonly quantity: Float64Array };
            found.push(['cash', parts.reduce((sum, part) => sum + part.cash, -cash)]);
            for (let at = 0; at < SYMBOLS.length; at++) {
              const held = parts.map((part) => part.quantity[at]!);
              found.push(['units', held.reduce((sum, units) => sum + units, -quantity[at]!)]);
              if (!shortAllowed) found.push(...held.map((units): [string, number] => ['short', Math.min(0, units)]));
              if (held.some((units) => units > 0) && held.some((units) => units < 0)) opposite += 1;
            }
            closes += 1;
          };
        },
        close: () => look(),
      });
      const options = { ...sessionOf(strategy, random, shortAllowed), protection };
      const whole = steppedSession(options);
      const off = found.filter(([, difference]) => !(Math.abs(difference) < 1e-4));
      expect([seed, ...off]).toEqual([seed]);
      parents += whole.effects.filter((effect) => effect.startsWith('{"kind":"parent","')).length;
      const cuts = Array.from({ length: 4 }, () => 1 + random.integer(whole.steps - 1));
      const restored = steppedSession(options, cuts);
      const first = whole.effects.findIndex((effect, at) => effect !== restored.effects[at]);
      expect([seed, first, restored.effects[first]]).toEqual([seed, -1, undefined]);
      expect(restored.effects).toHaveLength(whole.effects.length);
      expect(restored.books).toBe(whole.books);
    }
    expect(parents).toBeGreaterThan(2_000);
    expect(closes).toBeGreaterThan(10_000);
    expect(opposite).toBeGreaterThan(2_000);
  });
});
