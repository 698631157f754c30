import { Table, Title } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useFormats, type Formats } from '../parts/formats.ts';
import { wordsOf } from '../parts/key-values.tsx';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import { figuresOf, type VersionFigures } from './figures-of.ts';
import { referenceOf, type Card, type Version } from './model-queries.ts';

/** Versions side by side: their figures, and what differs in what they are made of. */
export function CompareVersions({ versions }: { readonly versions: readonly Version[] }): ReactNode {
  const formats = useFormats();
  const cards = useQueries({
    queries: versions.map((version) => ({
      queryKey: ['models', referenceOf(version)],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        ask<Card>('GET', `/api/v1/models/${encodeURIComponent(referenceOf(version))}`, { signal }),
    })),
  });
  const failed = cards.find(({ error }) => error !== null);
  const figures = versions.map(figuresOf);
  const rows = [
    ...Object.keys(figures[0]!).map((name) => ({
      name,
      cells: figures.map((one) => figureText(one, name as keyof VersionFigures, formats)),
      differs: false,
    })),
    ...madeOf(cards.map(({ data }) => data)),
  ];
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        Comparison
      </Title>
      <Wrong error={failed?.error} />
      <Table.ScrollContainer
        minWidth={160 + 150 * versions.length}
        scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': 'Comparison' } }}
      >
        <Table fz="sm" verticalSpacing={3} aria-label="Comparison of versions">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Figure</Table.Th>
              {versions.map((version) => (
                <Table.Th key={referenceOf(version)}>{referenceOf(version)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ name, cells, differs }) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={400} c="dimmed">
                  {wordsOf(name)}
                </Table.Th>
                {cells.map((cell, at) => (
                  <Table.Td
                    key={referenceOf(versions[at]!)}
                    fw={differs ? 600 : 400}
                    maw={320}
                    style={{ overflowWrap: 'anywhere' }}
                  >
                    {cell}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  );
}

const SHARES: readonly (keyof VersionFigures)[] = ['hitRate', 'totalReturn', 'maxDrawdown', 'deflatedSharpe'];

function figureText(figures: VersionFigures, name: keyof VersionFigures, formats: Formats): string {
  const value = figures[name];
  if (typeof value === 'string') return value;
  return SHARES.includes(name) ? formats.percent(value, 2) : formats.exact(value, 4);
}

/** What cards say of how versions were made; what differs stands out. */
function madeOf(cards: readonly (Card | undefined)[]): { name: string; cells: string[]; differs: boolean }[] {
  const rows: readonly [string, (card: Card) => string][] = [
    ['members', ({ members }) => members.map(({ name, kind }) => `${name} (${kind})`).join(', ')],
    ['features', ({ features }) => features.join(', ')],
    ['labels', ({ labels }) => JSON.stringify(labels)],
    ['combiner', ({ combiner }) => combiner],
    ['calibrated', ({ calibrated }) => calibrated],
    ['symbols', ({ data }) => data.symbols.join(', ')],
    ['trained', ({ data }) => `${data.from.slice(0, 10)} to ${data.to.slice(0, 10)}`],
    ['rows', ({ data }) => String(data.rows)],
    ['data hash', ({ data }) => data.dataHash.slice(0, 12)],
  ];
  return rows.map(([name, of]) => {
    const cells = cards.map((card) => (card === undefined ? '' : of(card)));
    return { name, cells, differs: new Set(cells).size > 1 };
  });
}
