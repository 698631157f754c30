import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useBacktest, type Strategy } from './strategy-queries.ts';

/** Asks for a backtest of the newest version, and shows how far it is: there it leads to its run. */
export function BacktestButton({ strategy }: { readonly strategy: Strategy }): ReactNode {
  const navigate = useNavigate();
  const backtest = useBacktest(strategy, () => void navigate({ to: '/backtests' }));
  return (
    <Button
      size="xs"
      variant="default"
      loading={backtest.isPending}
      onClick={() =>
        backtest.mutate(undefined, {
          onError: ({ message }) =>
            notifications.show({ title: `No backtest of ${strategy.name}`, message, color: 'red' }),
        })
      }
    >
      Backtest it
    </Button>
  );
}
