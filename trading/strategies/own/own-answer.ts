import { cutText, storableText } from '../../../infra/logging/storable-text.ts';
import { refused } from '../../orders/approved-order.ts';
import type { RefusalCode } from '../../refusal.ts';
import { HOLD, type Signal } from '../strategy.ts';

const REASON_MAX = 500;

/** A mistake as the signal that says so. */
export function faultSignal(code: RefusalCode, value = 0, limit = 0): Signal {
  return { ...HOLD, fault: refused(code, value, limit) };
}

/**
 * What a user's strategy answered about `symbol`, as a signal. Whatever is none becomes a fault; confidence is judged
 * with every other signal's.
 */
export function signalOf(answer: unknown, symbol: string, name: string): Signal {
  if (answer === 'HOLD') return HOLD;
  if (answer === 'BUY' || answer === 'SELL') return { ...HOLD, action: answer, confidence: 1, reason: name };
  if (typeof answer !== 'object' || answer === null) return faultSignal('strategy-answer');
  const { action, target, confidence = 1, reason = name, symbol: named } = answer as Record<string, unknown>;
  if (named !== undefined && named !== symbol) return faultSignal('strategy-symbol');
  const wanted = target === undefined ? action : sideOf(target);
  if (wanted === 'HOLD') return HOLD;
  const known = wanted === 'BUY' || wanted === 'SELL';
  if (target !== undefined && !known) return faultOfTarget(target);
  if (!known || typeof confidence !== 'number' || typeof reason !== 'string') return faultSignal('strategy-answer');
  const signal = { ...HOLD, action: wanted, confidence, reason: storableText(cutText(reason, REASON_MAX)) } as const;
  return target === undefined ? signal : { ...signal, target: target as number };
}

/** The action that a target stands for; undefined where it is no target. */
function sideOf(target: unknown): 'BUY' | 'SELL' | undefined {
  if (typeof target !== 'number' || !(target >= -1 && target <= 1)) return undefined;
  return target > 0 ? 'BUY' : 'SELL';
}

function faultOfTarget(target: unknown): Signal {
  if (typeof target !== 'number') return faultSignal('strategy-answer');
  return Number.isFinite(target) ? faultSignal('strategy-target', target) : faultSignal('not-finite');
}
