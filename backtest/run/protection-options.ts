import { InputError } from '../../infra/errors.ts';
import type { Distance, ProtectionRule } from '../../trading/risk/protection.ts';
import type { RuleOptions } from '../command-options.ts';

const FORM = /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+)\s*(%|atr)?$/i;

/** `5%` of the entry price, `2atr` (average true ranges) or `0.5` in money a unit. InputError names the option. */
function parseDistance(text: string, option: string): Distance {
  const [, digits = '', unit = ''] = FORM.exec(text.trim()) ?? [];
  const amount = Number(digits);
  const bounded = unit !== '%' || (option === '--take-profit' ? amount <= 100 : amount < 100);
  if (digits !== '' && amount > 0 && amount < Infinity && bounded) {
    if (unit === '%') return { percent: amount / 100 };
    return unit === '' ? { price: amount } : { atr: amount };
  }
  if (unit === '%' && amount >= 100 && option !== '--take-profit') throw belowZero(option, text);
  throw new InputError(
    `${option} ${text} is not a distance.`,
    'Write 5% (of the entry price, below 100%; a profit at most 100%), 2atr (average true ranges) or 0.5 (money a unit).',
  );
}

function belowZero(option: string, text: string): InputError {
  return new InputError(
    `${option} ${text} lies at a price of 0 or below, which no market reaches: it would protect nothing.`,
    'Write less than 100%, or leave the option out.',
  );
}

/** What ends positions by itself, as the options say; undefined where none does. */
export function parseProtection(options: RuleOptions): ProtectionRule | undefined {
  const { stopLoss, takeProfit, trailing, trailingAfter } = options;
  if (trailing === undefined && trailingAfter !== undefined) {
    throw new InputError(
      '--trailing-after says when a trailing stop begins, and there is none.',
      'Give --trailing too.',
    );
  }
  if (stopLoss === undefined && takeProfit === undefined && trailing === undefined) return undefined;
  const distance = (text: string | undefined, option: string): Distance | null =>
    text === undefined ? null : parseDistance(text, option);
  return {
    stopLoss: distance(stopLoss, '--stop-loss'),
    takeProfit: distance(takeProfit, '--take-profit'),
    trailing: distance(trailing, '--trailing'),
    ...(trailingAfter === undefined ? {} : { trailingAfter: distance(trailingAfter, '--trailing-after') }),
  };
}
