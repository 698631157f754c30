import { createBarColumns } from '../../features/bar.ts';
import { MINUTE_MS } from '../../features/timeframe.ts';
import type { ExecutionRules } from '../../models/experiment/execution/execution-schema.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../models/experiment/experiment.ts';
import type { BarView } from '../bar-view.ts';
import type { Command, Effect } from '../effect.ts';
import { createMarket, createMarketStep } from '../market.ts';
import type { OrderAction } from '../orders/order-request.ts';
import type { EmergencyRule } from '../risk/degradation/emergency-rule.ts';
import type { ProtectionRule } from '../risk/protection.ts';
import { createSizer, type SizingRule } from '../risk/sizing.ts';
import { OPEN_SIGNAL_RULES, type SignalRules } from '../signals/signal-validator.ts';
import { HOLD, ruleSignal, type Signal, type Strategy } from '../strategies/strategy.ts';
import type { ReconciliationRule } from '../engine/venue/reconciliation-rule.ts';
import { testInstrument } from './random-walk-bars.ts';
import { Engine } from '../engine/engine.ts';

export const BAR_MS = MINUTE_MS;
export type Word = 'BUY' | 'SELL' | 'HOLD';

interface SetUp {
  /** Closes of each symbol, a minute apart. */
  readonly closes: readonly (readonly number[])[];
  /** What the strategy says at each close. */
  readonly words: readonly (readonly Word[])[];
  /** What it places by itself at each close, by the number of the bar. */
  readonly orders?: Readonly<Record<number, readonly OrderAction[]>>;
  /** In place of the one that says the words. */
  readonly strategy?: Strategy;
  readonly sizing?: SizingRule;
  readonly limits?: Partial<RiskLimits>;
  readonly rules?: Partial<SignalRules>;
  readonly reconciliation?: Partial<ReconciliationRule>;
  readonly protection?: ProtectionRule;
  readonly emergency?: EmergencyRule;
  readonly execution?: ExecutionRules;
  readonly takesOrders?: boolean;
}

function scripted({ words, orders }: Pick<SetUp, 'words' | 'orders'>): Strategy {
  let symbols = 0;
  return {
    name: 'scripted',
    parameters: {},
    forSymbol: () => {
      const said = words[symbols++]!;
      return {
        save: () => null,
        restore: () => undefined,
        ...(orders === undefined ? {} : { orders: (view: BarView) => orders[view.length - 1] ?? [] }),
        decide: (view): Signal => {
          const word = said[view.length - 1] ?? 'HOLD';
          return word === 'HOLD' ? HOLD : ruleSignal(word, 'script');
        },
      };
    },
  };
}

/** An engine over a market that is walked by hand. 10,000 of capital, 10 units a position unless told otherwise. */
export function setUp({ closes, words, orders, strategy, sizing, limits, rules, ...others }: SetUp) {
  const bars = closes.map((list, symbol) => {
    const columns = createBarColumns(`S${symbol}`, list.length);
    list.forEach((close, row) => {
      columns.openTimeMs[row] = row * BAR_MS;
      columns.closeTimeMs[row] = (row + 1) * BAR_MS;
      columns.close[row] = close;
    });
    return columns;
  });
  const market = createMarket(
    bars,
    bars.map(({ symbol }) => testInstrument(symbol)),
  );
  const engine = new Engine({
    market,
    strategy: strategy ?? scripted({ words, orders }),
    sizer: createSizer(sizing ?? { kind: 'units', units: 10 }, { symbols: bars.length, barsPerYear: 252 }),
    rules: { ...OPEN_SIGNAL_RULES, ...rules },
    limits: { ...NAMED_LIMITS.unbounded, ...limits },
    capital: 10_000,
    dayOf: () => 0,
    ...others,
  });
  const step = createMarketStep(bars.length);
  /** The next bar of every symbol closes. */
  const close = (lateMs = 0): readonly Effect[] => {
    step.kind = 'close';
    step.count = bars.length;
    market.series.forEach((series, symbol) => {
      series.last += 1;
      step.symbols[symbol] = symbol;
      step.index[symbol] = series.last;
    });
    step.timeMs = bars[0]!.closeTimeMs[market.series[0]!.last]! + lateMs;
    return engine.onClose(step);
  };
  const fill = (
    sequence: number,
    quantity: number,
    more: { price?: number; final?: boolean; symbol?: number } = {},
  ) => {
    const { price = 100, final = true, symbol = 0 } = more;
    const { timeMs } = step;
    return engine.handle({ kind: 'fill', sequence, timeMs, symbol, quantity, price, fee: 0, slippage: 0, final });
  };
  const command = (word: Command['command']) => engine.handle({ kind: 'command', timeMs: step.timeMs, command: word });
  return { engine, close, fill, command };
}

/** Kinds of effects, refusals by their code. */
export const kinds = (effects: readonly Effect[]): string[] =>
  effects.map((effect) => (effect.kind === 'refusal' ? effect.code : effect.kind));
