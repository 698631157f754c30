import type { Effect, Instruction } from '../../effect.ts';
import type { SessionLoop } from '../../engine/session-loop.ts';
import type { AskedOutcome } from '../../orders/asked-order.ts';
import { refusalReason } from '../../refusal.ts';
import type { TakenCommand } from '../record/taken-command.ts';
import type { PaperSessionOptions } from './paper-session-options.ts';

/** Hands an order that was asked for to the engine, and tells what became of it; returns what the broker is to do. */
export function takeAsked(
  loop: Pick<SessionLoop, 'onAsked'>,
  { instruments }: Pick<PaperSessionOptions, 'instruments'>,
  { asked, id, answer }: TakenCommand,
  timeMs: number,
): readonly Instruction[] {
  const order = asked!;
  // Whoever asked knows the symbols of the session; a cancellation is of the symbol of its order.
  const symbol = order.do === 'cancel' ? 0 : instruments.findIndex((one) => one.symbol === order.symbol);
  const { instructions, effects } = loop.onAsked({ kind: 'asked', timeMs, symbol, label: `asked ${id}`, order });
  answer?.(askedOutcome(effects));
  return instructions;
}

/** What became of it, by what it led to at once. */
function askedOutcome(effects: readonly Effect[]): AskedOutcome {
  for (const effect of effects) {
    if (effect.kind === 'parent') return { is: 'in-parts', parent: effect.parent };
    if (effect.kind !== 'order') continue;
    const { sequence, quantity, clippedBy } = effect;
    return { is: 'ordered', sequence, quantity: Math.abs(quantity), clippedBy };
  }
  const refusal = effects.find((effect) => effect.kind === 'refusal');
  if (refusal !== undefined) {
    const { stage, code, value, limit } = refusal;
    return { is: 'refused', stage, code, reason: refusalReason(code, value, limit) };
  }
  const cancel = effects.find((effect) => effect.kind === 'cancel');
  // A part of an order that is executed in parts may be on its way to the venue: what ends it comes with the answer.
  return { is: 'cancelling', sequence: cancel?.sequence ?? 0 };
}
