import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../../features/bar.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import type { HistoricalBroker, MakeBroker, Report } from '../../../trading/brokers/broker.ts';
import type { Costs } from '../../../trading/brokers/simulated/cost-model.ts';
import { simulatedBroker } from '../../../trading/brokers/simulated/simulated-broker.ts';
import type { Effect, Fill } from '../../../trading/effect.ts';
import type { MarketStep } from '../../../trading/market.ts';
import type { OrderAction } from '../../../trading/orders/order-request.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../../trading/sessions/historical-session.ts';
import { createRuleStrategy } from '../../../trading/strategies/rule-strategies.ts';
import { HOLD, type Strategy } from '../../../trading/strategies/strategy.ts';
import { randomWalkBars, testInstrument } from '../../../trading/testing/random-walk-bars.ts';
import { EffectJournal } from './effect-journal.ts';
import { auditFills, type FillAudit } from './fill-audit.ts';

const bars = [
  randomWalkBars('AAA', 600, { seed: 6, sigma: 0.01 }),
  randomWalkBars('BBB', 600, { seed: 7, sigma: 0.02 }),
];
const protection = { stopLoss: { percent: 0.02 }, takeProfit: { percent: 0.03 }, trailing: { percent: 0.02 } };
const crosses = createRuleStrategy('sma-cross', { fast: 3, slow: 8 });

function audited(costs: Partial<Costs>, changes: Partial<HistoricalSessionOptions> = {}): FillAudit {
  const journal = new EffectJournal(['AAA', 'BBB']);
  runHistoricalSession({
    bars,
    instruments: bars.map(({ symbol }) => testInstrument(symbol)),
    strategy: crosses,
    sizing: { kind: 'fraction-of-equity', fraction: 0.3 },
    limits: NAMED_LIMITS.unbounded,
    signals: { longShort: true },
    broker: simulatedBroker(costs),
    protection,
    capital: 1e6,
    journal,
    ...changes,
  });
  return auditFills({ bars, effects: journal.effects, costs });
}

/** Stop entries, limits and trailing exits of its own. */
const placing: Strategy = {
  name: 'placing',
  parameters: {},
  forSymbol: () => ({
    decide: () => HOLD,
    orders: (view, { position, working }): readonly OrderAction[] => {
      const out = {
        do: 'place',
        label: 'out',
        side: 'sell',
        size: 'position',
        type: 'market',
        reduceOnly: true,
      } as const;
      // An entry that was filled before its cancel arrived has no exits.
      if (position !== 0) return working.length > 0 ? [] : [out];
      const stale = view.length % 4 === 0;
      if (working.length > 0) return stale ? working.map(({ request: { label } }) => ({ do: 'cancel', label })) : [];
      const exit = {
        do: 'place',
        side: 'sell',
        size: 'position',
        reduceOnly: true,
        group: 'exits',
        after: 'in',
      } as const;
      const [high, low] = [view.high(), view.low()];
      const stopped = { type: 'stop', stop: high } as const;
      const limited = { type: 'limit', limit: low } as const;
      const bought = { do: 'place', label: 'in', side: 'buy', size: { units: 50 } } as const;
      return [
        { ...bought, ...(view.length % 2 === 0 ? stopped : limited) },
        { ...exit, label: 'trail', type: 'trailing', trail: { percent: 0.01 } },
        { ...exit, label: 'target', type: 'limit', limit: high * 1.02 },
      ];
    },
  }),
};

describe('fills of the simulated venue', () => {
  const conventions: [string, Partial<Costs>][] = [
    ['the next open', {}],
    ['the next close', { fill: 'next-close' }],
    ['costs', { feeBps: 3, halfSpreadBps: 4, slippage: { kind: 'volatility', bps: 5 } }],
    ['a share of the volume', { participation: 0.05 }],
    ['latency', { latencyMs: 90_000 }],
    ['open to high to low to close', { intrabar: 'open-high-low-close' }],
    ['exact stops', { stopFill: 'exact' }],
  ];
  it.each(conventions)('%s: all were to be had', (_, costs) => {
    for (const changes of [{}, { strategy: placing, protection: undefined }]) {
      const { fills, findings } = audited(costs, changes);
      expect(findings).toEqual([]);
      expect(fills).toBeGreaterThan(50);
    }
  });

  it('exact stops are no such thing without that convention', () => {
    const { findings } = audited({ stopFill: 'exact' }, {});
    expect(findings).toEqual([]);
    const effects: Effect[] = [];
    const journal = { append: (effect: Effect) => void effects.push(effect), hash: () => '' };
    audited({ stopFill: 'exact' }, { journal });
    const strict = auditFills({ bars, effects });
    expect(strict.findings.some(({ why }) => why.includes('outside its bar'))).toBe(true);
  });
});

/** A venue that reports what `change` makes of each fill. */
function cheating(change: (fill: Fill, columns: BarColumns, index: number) => Fill): MakeBroker<HistoricalBroker> {
  return (session) => {
    const honest = simulatedBroker()(session);
    const instead = (report: Report, step: MarketStep): Report => {
      return (event) => {
        if (event.kind !== 'fill') return report(event);
        const place = step.symbols.indexOf(event.symbol);
        report(change(event, bars[event.symbol]!, step.index[place]!));
      };
    };
    return {
      get waiting() {
        return honest.waiting;
      },
      onMarket: (step, report, caused) => honest.onMarket(step, instead(report, step), caused),
      submit: (...given) => honest.submit(...given),
      cancel: (...given) => honest.cancel(...given),
      amend: (...given) => honest.amend(...given),
      expire: (...given) => honest.expire(...given),
    };
  };
}

type Planted = [string, (fill: Fill, columns: BarColumns, index: number) => Fill, RegExp];

describe('mistakes planted in fills', () => {
  const planted: Planted[] = [
    [
      'the close that was decided on',
      (fill, { close }, index) => ({ ...fill, price: close[index - 1]! }),
      /only the open .* was known/,
    ],
    [
      'the close of the bar whose open fills',
      (fill, { close }, index) => ({ ...fill, price: close[index]! }),
      /only the open .* was known/,
    ],
    [
      'the better end of the bar',
      (fill, { high, low }, index) => ({ ...fill, price: fill.quantity > 0 ? low[index]! : high[index]! }),
      /only the open .* was known|neither the open/,
    ],
    [
      'a price outside the bar',
      (fill, { high, low, closeTimeMs }, index) => ({
        ...fill,
        timeMs: closeTimeMs[index]!,
        price: fill.quantity > 0 ? low[index]! * 0.99 : high[index]! * 1.01,
      }),
      /outside its bar/,
    ],
    [
      'a bar that had closed before the order',
      (fill, { close, closeTimeMs }, index) => ({
        ...fill,
        timeMs: closeTimeMs[Math.max(0, index - 3)]!,
        price: close[Math.max(0, index - 3)]!,
      }),
      /its order was known at/,
    ],
    [
      'stops at the best price of their bar',
      (fill, { high, low }, index) => ({ ...fill, price: fill.quantity > 0 ? low[index]! : high[index]! }),
      /better than its stop/,
    ],
    [
      'stops that the bar does not reach',
      (fill, { closeTimeMs, open }, index) => ({
        ...fill,
        timeMs: closeTimeMs[Math.min(599, index + 1)]!,
        price: open[Math.min(599, index + 1)]!,
      }),
      /was not reached|neither the open/,
    ],
    [
      'an average of the range',
      (fill, { high, low, closeTimeMs }, index) => ({
        ...fill,
        timeMs: closeTimeMs[index]!,
        price: (2 * high[index]! + low[index]!) / 3,
      }),
      /neither the open/,
    ],
  ];
  it.each(planted)('%s: named', (_, change, why) => {
    const { findings } = audited({}, { broker: cheating(change) });
    expect(findings.map((finding) => finding.why)).toContainEqual(expect.stringMatching(why));
    expect(findings[0]).toMatchObject({ symbol: expect.stringMatching(/AAA|BBB/) as string });
  });
});
