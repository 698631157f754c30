import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ask } from '../service/ask.ts';
import type { Alert } from '../service/shapes.ts';
import { useMay } from '../sign-in/me.tsx';

/** Who has said that he has seen an alert; whoever may says it here, and then it is not told again. */
export function SeenBy({ alert: { id, acknowledgedBy, resolvedAt } }: { readonly alert: Alert }): ReactNode {
  const may = useMay('alerts:answer');
  const queries = useQueryClient();
  const acknowledge = useMutation({
    mutationFn: () => ask('POST', `/api/v1/alerts/${id}/acknowledge`),
    onSuccess: () => queries.invalidateQueries(),
    onError: ({ message }) => notifications.show({ title: 'It was not acknowledged', message, color: 'red' }),
  });
  if (acknowledgedBy !== null) return <span title={acknowledgedBy}>{acknowledgedBy}</span>;
  if (!may || resolvedAt !== null) return '';
  return (
    <Button size="compact-xs" variant="default" loading={acknowledge.isPending} onClick={() => acknowledge.mutate()}>
      I have seen it
    </Button>
  );
}
