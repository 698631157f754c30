import { HOUR_MS } from '../../../features/timeframe.ts';
import type { ExecutionRule } from '../../../models/experiment/execution/execution-schema.ts';
import { START_MS, type Row } from '../../testing/scripted-orders.ts';
import { HOLD, ruleSignal, type Signal, type Strategy } from '../strategy.ts';
import type { runShared } from './shared-orders.ts';

export const flat = (closes: readonly number[], volume = 1_000): Row[] =>
  closes.map((close) => [close, close, close, close, volume]);
export const RISING = [100, 101, 102, 103, 104, 105, 106, 107, 108, 109];
export const TWAP: ExecutionRule = { kind: 'twap', slices: 4, withinMinutes: 240 };
export const HALVES: ExecutionRule = { kind: 'twap', slices: 2, withinMinutes: 120 };

export const buy = ruleSignal('BUY', 'up');
export const sell = ruleSignal('SELL', 'down');

/** Says what a script says at the close of a row. */
export const says = (script: Readonly<Record<number, Signal>>): Strategy => ({
  name: 'says',
  parameters: {},
  forSymbol: () => ({ decide: (view) => script[view.length - 1] ?? HOLD }),
});

type Run = ReturnType<typeof runShared>;
export const ends = ({ effects }: Run): unknown[] =>
  effects.flatMap((effect) =>
    effect.kind === 'parent-end' ? [[effect.parent, effect.filled, effect.left, effect.code]] : [],
  );
export const stops = ({ effects }: Run) =>
  effects.flatMap((effect) =>
    effect.kind === 'order' && effect.terms?.role === 'stop-loss'
      ? [[effect.terms.owner!.name, effect.quantity, (effect.timeMs - START_MS) / HOUR_MS]]
      : [],
  );
