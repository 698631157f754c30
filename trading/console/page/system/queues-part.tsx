import { Button, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Wrong } from '../parts/words.tsx';
import { useMay } from '../sign-in/me.tsx';
import { retry, useQueues, type FailedJob, type Queue } from './system-queries.ts';

const COUNTS = ['waiting', 'active', 'delayed', 'failed', 'completed', 'workers'] as const;

/** Queues with their jobs by state, and what failed. */
export function QueuesPart({ backend }: { readonly backend: string | undefined }): ReactNode {
  const { data, error, isPending } = useQueues();
  const queues = data?.queues ?? [];
  const failures = queues.flatMap(({ queue, failures: of }) => of.map((one) => ({ ...one, queue })));
  const columns: readonly Column<Queue>[] = [
    { title: 'Queue', width: 100, grow: 3, cell: ({ queue }) => nameOf(queue) },
    ...COUNTS.map((name): Column<Queue> => ({
      title: name.charAt(0).toUpperCase() + name.slice(1),
      width: name === 'completed' ? 106 : 84,
      isNumber: true,
      wide: name === 'delayed' || name === 'completed' || name === 'workers',
      cell: (queue) =>
        name === 'failed' && queue.failed > 0 ? <b style={{ color: 'var(--loss)' }}>{queue.failed}</b> : queue[name],
    })),
  ];
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        Queues{backend === undefined ? '' : ` on ${backend === 'redis' ? 'Redis' : 'PostgreSQL'}`}
      </Title>
      <Wrong error={error} />
      <RowsTable
        label="Queues"
        columns={columns}
        rows={queues}
        keyOf={({ queue }) => queue}
        empty={isPending ? 'Loading' : 'None'}
        heightMax="40vh"
      />
      {failures.length === 0 ? null : <Failures failures={failures} />}
    </section>
  );
}

/** A queue without what all of their names begin with. */
const nameOf = (queue: string): string => queue.replace(/^signalbox-/, '');

function Failures({ failures }: { readonly failures: readonly FailedJob[] }): ReactNode {
  const formats = useFormats();
  const mayAct = useMay('system:act');
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: retry,
    onSuccess: async (_done, { queue, id }) => {
      notifications.show({ title: 'Back in line', message: `Job ${id} of ${nameOf(queue)}.`, color: 'teal' });
      await queries.invalidateQueries({ queryKey: ['/api/v1/system/queues'] });
    },
  });
  const columns: readonly Column<FailedJob>[] = [
    { title: 'Queue', width: 110, cell: ({ queue }) => nameOf(queue) },
    { title: 'Job', width: 120, wide: true, cell: ({ id }) => <span title={id}>{id}</span> },
    { title: 'Why', width: 160, grow: 6, cell: ({ reason }) => <span title={reason}>{reason}</span> },
    { title: 'Tries', width: 64, isNumber: true, wide: true, cell: ({ attempts }) => attempts },
    { title: 'When', width: 184, wide: true, cell: ({ failedAt }) => formats.moment(failedAt) },
    {
      title: '',
      width: 90,
      cell: (job) =>
        mayAct ? (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Retry job ${job.id}`}
            disabled={again.isPending}
            onClick={() => again.mutate(job)}
          >
            Retry
          </Button>
        ) : null,
    },
  ];
  return (
    <>
      <Title order={3} size="h6" mt="sm" mb={4}>
        Jobs that failed
      </Title>
      <Wrong error={again.error} />
      <RowsTable
        label="Jobs that failed"
        columns={columns}
        rows={failures}
        keyOf={({ queue, id }) => `${queue} ${id}`}
        empty="None"
        heightMax="30vh"
      />
    </>
  );
}
