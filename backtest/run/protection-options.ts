import { InputError } from '../../infra/errors.ts';
import type { Distance, ProtectionRule } from '../../trading/risk/protection.ts';
import type { RuleOptions } from '../command-options.ts';

const FORM = /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+)\s*(%|atr)?$/i;

/** `5%` of the entry price, `2atr` (average true ranges) or `0.5` in money a unit. InputError names the option. */
function parseDistance(text: string, option: string): Distance {
  const [, digits = '', unit = ''] = FORM.exec(text.trim()) ?? [];
  const amount = Number(digits);
  const bounded = unit !== '%' || amount <= 100;
  if (digits !== '' && amount > 0 && amount < Infinity && bounded) {
    if (unit === '%') return { percent: amount / 100 };
    return unit === '' ? { price: amount } : { atr: amount };
  }
  throw new InputError(
    `${option} ${text} is not a distance.`,
    'Write 5% (of the entry price, at most 100%), 2atr (average true ranges) or 0.5 (money a unit).',
  );
}

/** What ends positions by itself, as the options say; undefined where none does. */
export function parseProtection(options: RuleOptions): ProtectionRule | undefined {
  const { stopLoss, takeProfit, trailing } = options;
  if (stopLoss === undefined && takeProfit === undefined && trailing === undefined) return undefined;
  const distance = (text: string | undefined, option: string): Distance | null =>
    text === undefined ? null : parseDistance(text, option);
  return {
    stopLoss: distance(stopLoss, '--stop-loss'),
    takeProfit: distance(takeProfit, '--take-profit'),
    trailing: distance(trailing, '--trailing'),
  };
}
