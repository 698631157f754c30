import type { Charge, Effect, Fill } from '../effect.ts';
import { exactProduct } from './exact-product.ts';

/** One booking of cash. `amount` is exact decimal text: credited, negative where it was paid. */
export interface LedgerRow {
  readonly kind: 'trade' | 'fee' | 'dividend' | 'split' | 'bust' | Charge['charge'];
  readonly amount: string;
  /** It is of the account, not of the effect's symbol. */
  readonly ofAccount?: boolean;
  /** A payment that a venue told: its name for it. */
  readonly paymentId?: string | undefined;
}

const NONE: readonly LedgerRow[] = Object.freeze([]);

/** The bookings of an effect: what it does to cash, part by part, as its record says. */
export function ledgerRows(effect: Effect): readonly LedgerRow[] {
  if (effect.kind === 'fill') return rowsOfFill(effect);
  if (effect.kind === 'action') {
    return effect.cash === 0 ? NONE : [{ kind: effect.action, amount: String(effect.cash) }];
  }
  if (effect.kind !== 'charge') return NONE;
  const { charge: kind, cash, paymentId } = effect;
  return [{ kind, amount: String(cash), ofAccount: kind === 'interest', paymentId }];
}

function rowsOfFill({ quantity, price, fee, executionId }: Fill): readonly LedgerRow[] {
  const kind = executionId?.startsWith('bust/') === true ? 'bust' : 'trade';
  const traded: LedgerRow = { kind, amount: exactProduct(-quantity, price) };
  return fee === 0 ? [traded] : [traded, { kind: 'fee', amount: String(-fee) }];
}
