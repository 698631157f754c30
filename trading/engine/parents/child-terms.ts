import type { Move } from '../../execution/slicing/next-move.ts';
import { reduces, type ParentOrder } from '../../execution/slicing/parent-order.ts';
import { NO_CONDITIONS, type OrderTerms } from '../../orders/order-terms.ts';

/** What a child of `parent` asks for. `guarded`: a stop protects what is held. */
export function childTerms(
  parent: ParentOrder,
  { limit, how }: Pick<Move & { do: 'send' }, 'limit' | 'how'>,
  guarded: boolean,
): OrderTerms {
  const { owner, number } = parent;
  const [postOnly, reduceOnly] = [how === 'post', reduces(parent)];
  // What rests would keep the stop of what is held from the venue.
  const tif = how === 'take' && limit > 0 && guarded ? 'ioc' : 'gtc';
  const plain = !postOnly && !reduceOnly && tif === 'gtc';
  return {
    ...(owner === null ? {} : { owner }),
    parent: number,
    type: limit > 0 ? 'limit' : 'market',
    role: 'order',
    price: limit,
    ...{ trail: 0, trailShare: 0, group: 0 },
    conditions: plain ? null : { ...NO_CONDITIONS, tif, postOnly, reduceOnly },
  };
}
