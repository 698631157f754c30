import type { ChildOrder, ParentOrder } from '../../execution/slicing/parent-order.ts';
import type { RefusalCode } from '../../refusal.ts';

/** Reasons for which another child would end as this one did. */
const HOPELESS: readonly RefusalCode[] = [
  'cash',
  'no-equity',
  'expired',
  'below-lot',
  'venue-disabled',
  'venue-minimum',
  'venue-notional',
];

interface ChildEnd {
  readonly child: ChildOrder;
  readonly code: RefusalCode | null;
  /** The venue refused it. */
  readonly isRejected: boolean;
  /** All of it was executed. */
  readonly isWhole: boolean;
}

/**
 * What follows from the end of a child: the parent goes on at once where the child was executed or ended at its wish,
 * and at the next bar, quote or timer where somebody else ended it; so no refusal is answered by another request.
 */
export function endOfChild(parent: ParentOrder, end: ChildEnd): 'go-on' | 'wait' | 'end' {
  const { child, code, isRejected, isWhole } = end;
  if (isWhole || child.cancelling || parent.ending !== null) return 'go-on';
  parent.refusal = code;
  if (code !== null && HOPELESS.includes(code)) return 'end';
  if (child.how === 'post' && (isRejected || code === 'post-only')) parent.crossed += 1;
  else if (isRejected) parent.rejected += 1;
  return 'wait';
}
