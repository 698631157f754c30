import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import type { SharedAccount } from '../../portfolio/sub-ledgers.ts';
import type { ProtectionRule } from '../../risk/protection.ts';
import { bracketStrategy } from '../../testing/bracket-strategy.ts';
import { steppedSession } from '../../testing/stepped-session.ts';
import { createRuleStrategy } from '../rule-strategies.ts';
import type { Strategy } from '../strategy.ts';
import { restlessOrders } from '../testing/restless-orders.ts';
import { SHORT_PARAMETERS } from '../testing/short-parameters.ts';
import { oneOf, sessionOf, shared, SYMBOLS, watched } from '../testing/stepped-sharers.ts';

describe('whatever strategies of own orders and rules do on one account', () => {
  it('parts add up to it, none sells what it has not, and a session that is restored goes on the same', () => {
    let [orders, closes] = [0, 0];
    for (let seed = 0; seed < 40; seed++) {
      const random = createRandom(`owned/${seed}`);
      const shortAllowed = random.integer(3) === 0;
      const rule = createRuleStrategy('momentum', SHORT_PARAMETERS.momentum ?? {});
      const isProtected = seed % 3 === 2;
      const own = [restlessOrders(`x${seed}`), restlessOrders(`y${seed}`), oneOf(random, [rule, bracketStrategy])];
      const rules = (['mean-reversion', 'momentum', 'breakout'] as const).map((name) =>
        createRuleStrategy(name, SHORT_PARAMETERS[name] ?? {}),
      );
      const some = isProtected ? rules : own;
      const found: [string, number][] = [];
      let look = (): void => undefined;
      const strategy = watched(shared(some, 0.3), {
        begun: (ledgers, account) => {
          look = () => {
            const { parts } = ledgers;
            const { cash, quantity } = account as SharedAccount & { readonly quantity: Float64Array };
            found.push(['cash', parts.reduce((sum, part) => sum + part.cash, -cash)]);
            for (let at = 0; at < SYMBOLS.length; at++) {
              found.push(['units', parts.reduce((sum, part) => sum + part.quantity[at]!, -quantity[at]!)]);
              if (!shortAllowed) for (const part of parts) found.push(['short', Math.min(0, part.quantity[at]!)]);
            }
            closes += 1;
          };
        },
        close: () => look(),
      });
      const session = sessionOf(strategy, random, shortAllowed);
      const stops = { stopLoss: { percent: 0.01 }, takeProfit: { atr: 2 }, trailing: { percent: 0.015 } };
      const options = isProtected ? { ...session, protection: stops } : session;
      const whole = steppedSession(options);
      const off = found.filter(([, difference]) => !(Math.abs(difference) < 1e-4));
      expect([seed, ...off]).toEqual([seed]);
      orders += whole.effects.filter((effect) => effect.startsWith('{"kind":"order"')).length;
      const cuts = [1 + random.integer(whole.steps - 1), 1 + random.integer(whole.steps - 1)];
      const restored = steppedSession(options, cuts);
      expect([seed, ...restored.effects]).toEqual([seed, ...whole.effects]);
      expect(restored.books).toBe(whole.books);
    }
    expect(orders).toBeGreaterThan(3_000);
    expect(closes).toBeGreaterThan(10_000);
  });

  it('a rule that has all of the account, and is protected, trades as it does alone', () => {
    const told = (strategy: Strategy, seed: number): readonly string[] => {
      const random = createRandom(`guarded/${seed}`);
      const longShort = seed % 3 === 0;
      const protection = oneOf<ProtectionRule>(random, [
        { stopLoss: { percent: 0.01 }, takeProfit: { atr: 2 }, trailing: null },
        { stopLoss: { atr: 1 }, takeProfit: null, trailing: { percent: 0.015 } },
        { stopLoss: null, takeProfit: { percent: 0.01 }, trailing: { percent: 0.01 } },
      ]);
      const session = sessionOf(strategy, random, true);
      // Flatten waits for an order of the only strategy, and for none of several.
      const timedCommands = session.timedCommands!.map((one) => {
        return one.command === 'flatten' ? { ...one, command: 'halt' as const } : one;
      });
      const options = { ...session, timedCommands, signals: { longShort }, protection };
      const cuts = seed % 5 === 0 ? [20, 90, 150] : [];
      // Words of the end of the session differ, and nothing else does.
      const unnamed = (key: string, value: unknown): unknown =>
        key === 'owner' ? undefined : value === 'expired' ? null : value;
      return steppedSession(options, cuts)
        .effects.map((effect) => JSON.parse(effect, unnamed) as { kind: string; role?: string })
        .filter(({ kind, role }) => !['signal', 'refusal'].includes(kind) && (kind !== 'terms' || role !== 'order'))
        .map((effect) => JSON.stringify({ ...effect, ...('terms' in effect && plain(effect.terms)) }));
    };
    const plain = (terms: unknown): object =>
      (terms as { role?: string } | null)?.role === 'order' ? { terms: null } : {};
    let exits = 0;
    for (let seed = 0; seed < 30; seed++) {
      const name = oneOf(createRandom(`rule/${seed}`), [
        'momentum',
        'sma-cross',
        'mean-reversion',
        'breakout',
      ] as const);
      const rule = createRuleStrategy(name, SHORT_PARAMETERS[name] ?? {});
      const alone = told(rule, seed);
      const together = told(shared([rule], 1, { most: 1_000, longShort: seed % 3 === 0 }), seed);
      exits += alone.filter((effect) => effect.includes('stop-loss') || effect.includes('trailing-stop')).length;
      const first = alone.findIndex((effect, at) => effect !== together[at]);
      expect([seed, first, together[first], together.length]).toEqual([seed, -1, alone[first], alone.length]);
    }
    expect(exits).toBeGreaterThan(500);
  });

  it('one that has all of the account trades as it does alone', () => {
    const told = (strategy: Strategy, seed: number): readonly string[] => {
      const options = sessionOf(strategy, createRandom(`alone/${seed}`), seed % 2 === 0);
      const unnamed = (key: string, value: unknown): unknown => (key === 'owner' ? undefined : value);
      return steppedSession(options).effects.map((effect) => JSON.stringify(JSON.parse(effect), unnamed));
    };
    let effects = 0;
    for (let seed = 0; seed < 20; seed++) {
      const one = seed % 4 === 3 ? bracketStrategy : restlessOrders(`alone${seed}`);
      const alone = told(one, seed);
      effects += alone.length;
      const together = told(shared([one], 1, { most: 1_000 }), seed);
      const first = alone.findIndex((effect, at) => effect !== together[at]);
      expect([seed, first, together[first], together.length]).toEqual([seed, -1, alone[first], alone.length]);
    }
    expect(effects).toBeGreaterThan(2_000);
  });
});
