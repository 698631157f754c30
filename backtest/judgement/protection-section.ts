import type { Costs } from '../../trading/brokers/simulated/cost-model.ts';
import { restingRules } from '../../trading/brokers/simulated/resting-orders.ts';
import type { Distance, ProtectionRule } from '../../trading/risk/protection.ts';
import type { LedgerEntry } from '../../trading/session-result.ts';
import { plural } from '../number-format.ts';

/** What ended positions by itself, by which conventions, and how many closed trades ended in which way. */
export interface ProtectionSection extends ProtectionRule {
  readonly intrabar: NonNullable<Costs['intrabar']>;
  readonly stopFill: NonNullable<Costs['stopFill']>;
  readonly exits: Readonly<Record<string, number>>;
}

/** The section of a session's protection, and a sentence about it. */
export function protectionSection(
  rule: ProtectionRule,
  costs: Partial<Costs>,
  ledger: readonly LedgerEntry[],
): { section: ProtectionSection; reason: string } {
  const exits: Record<string, number> = {};
  for (const { exit } of ledger) if (exit !== null) exits[exit] = (exits[exit] ?? 0) + 1;
  const { intrabar, stopFill } = restingRules(costs);
  const { stopLoss, takeProfit, trailing, trailingAfter = null } = rule;
  const named = [
    ['stop-loss', stopLoss],
    ['take-profit', takeProfit],
    ['trailing stop', trailing],
  ] as const;
  const rules = named.flatMap(([name, distance]) => (distance === null ? [] : [`${name} at ${words(distance)}`]));
  if (trailingAfter !== null) rules.push(`which begins after ${words(trailingAfter)}`);
  const counted = Object.entries(exits).map(([exit, count]) => `${count} by ${exit}`);
  const closed = Object.values(exits).reduce((sum, count) => sum + count, 0);
  const ended = closed === 0 ? 'no trade was closed' : `of ${plural(closed, 'closed trade')} ${counted.join(', ')}`;
  return {
    section: {
      stopLoss,
      takeProfit,
      trailing,
      intrabar,
      stopFill,
      exits,
      ...(trailingAfter === null ? {} : { trailingAfter }),
    },
    reason: `protection: ${rules.join(', ')} (${intrabar}, ${stopFill}); ${ended}.`,
  };
}

function words(distance: Distance): string {
  if ('percent' in distance) return `${Number((100 * distance.percent).toPrecision(12))} %`;
  if ('atr' in distance) return `${distance.atr} average true ranges`;
  return `${distance.price} a unit`;
}
