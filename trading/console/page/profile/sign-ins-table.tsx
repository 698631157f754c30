import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import type { SignIn } from '../service/shapes.ts';

/** Where a user is signed in: what they do not know they end. */
export function SignInsTable(): ReactNode {
  const formats = useFormats();
  const queries = useQueryClient();
  const { data, error, isPending } = useQuery({
    queryKey: ['sign-ins'],
    queryFn: async ({ signal }) => (await ask<{ signIns: SignIn[] }>('GET', '/api/v1/me/sign-ins', { signal })).signIns,
  });
  const end = useMutation({
    mutationFn: (id: number) => ask('DELETE', `/api/v1/me/sign-ins/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['sign-ins'] }),
  });
  const columns: readonly Column<SignIn>[] = [
    { title: 'From', width: 150, grow: 2, cell: ({ address }) => address },
    { title: 'Since', width: 184, wide: true, cell: ({ beganAt }) => formats.moment(beganAt) },
    { title: 'Last used', width: 184, wide: true, cell: ({ lastAt }) => formats.moment(lastAt) },
    {
      title: 'End',
      width: 120,
      cell: ({ id, current, address }) =>
        current ? (
          'this one'
        ) : (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => end.mutate(id)}
            aria-label={`End sign-in ${id} from ${address}`}
          >
            End it
          </Button>
        ),
    },
  ];
  return (
    <>
      <Wrong error={error ?? end.error} />
      <RowsTable
        label="Sign-ins"
        columns={columns}
        rows={data ?? []}
        keyOf={({ id }) => id}
        empty={isPending ? 'Loading' : 'None.'}
      />
    </>
  );
}
