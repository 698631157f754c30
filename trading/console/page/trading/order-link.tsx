import { UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';

interface OrderLinkProps {
  readonly order: number;
  readonly onOrder: (order: number) => void;
}

/** The number of an order, which leads to its life. */
export function OrderLink({ order, onOrder }: OrderLinkProps): ReactNode {
  return (
    <UnstyledButton className="row-link" fz="sm" onClick={() => onOrder(order)} aria-label={`Life of order ${order}`}>
      {order}
    </UnstyledButton>
  );
}
