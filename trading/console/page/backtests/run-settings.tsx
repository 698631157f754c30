import { SimpleGrid, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { KeyValues } from '../parts/key-values.tsx';
import type { KeptRun } from './run-queries.ts';

/** What a run was made with: parameters, costs, limits, and what repeats it. */
export function RunSettings({ run }: { readonly run: KeptRun }): ReactNode {
  const { result } = run;
  const groups: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['Parameters', result.parameters ?? {}],
    ['Costs', run.costs ?? {}],
    ['Limits', result.limits ?? {}],
    ['Refused, by code', result.refusals ?? {}],
    ['Made by', run.versions ?? {}],
    ['Made from', { ...run.hashes, session: run.session }],
  ];
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      {groups.map(([title, value]) => (
        <section key={title}>
          <Title order={2} size="h5" mb={4}>
            {title}
          </Title>
          <KeyValues value={value} />
        </section>
      ))}
    </SimpleGrid>
  );
}
