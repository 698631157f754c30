import type { ReactNode } from 'react';
import { Dialog } from '../parts/dialog.tsx';
import type { NewOrder, Position } from '../service/shapes.ts';
import { OrderReview } from './order-review.tsx';

interface CloseProps {
  readonly session: string;
  readonly position: Pick<Position, 'symbol' | 'quantity'> | null;
  readonly onClose: () => void;
}

/** Closes one position at the market, after a look at what risk says. */
export function ClosePosition({ session, position, onClose }: CloseProps): ReactNode {
  return (
    <Dialog title={`Close ${position?.symbol ?? ''}`} isOpen={position !== null} onClose={onClose}>
      {position === null ? null : (
        <OrderReview order={closing(session, position)} onBack={onClose} onDone={onClose} send="Close it" />
      )}
    </Dialog>
  );
}

function closing(session: string, { symbol, quantity }: Pick<Position, 'symbol' | 'quantity'>): NewOrder {
  const side = quantity > 0 ? 'sell' : 'buy';
  return { session, symbol, side, quantity: Math.abs(quantity), orderType: 'market', reduceOnly: true };
}
