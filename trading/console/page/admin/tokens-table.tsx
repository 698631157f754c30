import { Button, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode } from 'react';
import { systemClock } from '../../../../infra/clock.ts';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import type { ApiToken } from '../service/shapes.ts';
import { NewAccess } from './new-access.tsx';

interface TokensProps {
  /** Of all tokens, or of one's own. */
  readonly path: '/api/v1/tokens' | '/api/v1/me/tokens';
}

/** Which programs may ask, until when. */
export function TokensTable({ path }: TokensProps): ReactNode {
  const formats = useFormats();
  const queries = useQueryClient();
  const [isNew, making] = useDisclosure(false);
  const { data, error, isPending } = useQuery({
    queryKey: ['tokens', path],
    queryFn: async ({ signal }) => (await ask<{ tokens: ApiToken[] }>('GET', path, { signal })).tokens,
  });
  const revoke = useMutation({
    mutationFn: (name: string) => ask('DELETE', `${path}/${encodeURIComponent(name)}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  });
  const columns: readonly Column<ApiToken>[] = [
    { title: 'Name', width: 110, grow: 2, cell: ({ name }) => <strong>{name}</strong> },
    { title: 'Role', width: 90, cell: ({ role }) => role },
    { title: 'Sessions', width: 160, grow: 3, wide: true, cell: ({ sessions }) => sessions?.join(', ') ?? 'all' },
    { title: 'Made by', width: 110, wide: true, cell: ({ madeBy }) => madeBy },
    { title: 'Expires', width: 184, wide: true, cell: ({ expiresAt }) => formats.moment(expiresAt) },
    {
      title: 'State',
      width: 110,
      cell: (token) =>
        stateOf(token) === 'good' ? (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => revoke.mutate(token.name)}
            aria-label={`Revoke ${token.name}`}
          >
            Revoke
          </Button>
        ) : (
          <State word={stateOf(token)} />
        ),
    },
  ];
  return (
    <>
      <Group justify="flex-end" mb="xs">
        <Button size="xs" onClick={making.open}>
          Make a token
        </Button>
      </Group>
      <Wrong error={error ?? revoke.error} />
      <RowsTable
        label="Tokens"
        columns={columns}
        rows={data ?? []}
        keyOf={({ id }) => id}
        empty={isPending ? 'Loading' : 'No program has a token.'}
      />
      <NewAccess kind="token" path={path} isOpen={isNew} onClose={making.close} />
    </>
  );
}

function stateOf({ revokedAt, expiresAt }: ApiToken): string {
  if (revokedAt !== null) return 'revoked';
  return new Date(expiresAt).getTime() < systemClock() ? 'expired' : 'good';
}
