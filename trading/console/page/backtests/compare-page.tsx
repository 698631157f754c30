import { Alert, ScrollArea, Stack, Table, Text, Title } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useMemo, useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { valueText, wordsOf } from '../parts/key-values.tsx';
import { Wrong } from '../parts/words.tsx';
import { Curves, SpanWords, type Span } from './curves.tsx';
import { FIGURES, figureText } from './figures-table.tsx';
import { normalised } from './normalised.ts';
import { chartQuery, useComparison, type Comparison } from './run-queries.ts';
import { Verdict } from './verdict.tsx';

/** Runs side by side: what they did, and in what they differ. */
export function ComparePage(): ReactNode {
  const { ids: text = '' } = useSearch({ from: '/backtests/compare' });
  const ids = useMemo(() => text.split(',').filter((id) => id !== ''), [text]);
  const { data, error, isPending } = useComparison(ids);
  return (
    <Stack>
      <Title order={1} size="h3">
        Compare runs
      </Title>
      {ids.length < 2 ? <Text>Choose two to five runs of the list.</Text> : null}
      <Link to="/backtests" className="row-link">
        All runs
      </Link>
      <Wrong error={error} />
      {isPending && ids.length > 1 ? <Text>Loading</Text> : null}
      {data === undefined ? null : (
        <>
          <Significance comparison={data} />
          <Overlaid ids={data.ids} names={data.runs.map(({ name }) => name)} />
          <Differences comparison={data} />
        </>
      )}
    </Stack>
  );
}

/** Whether the best beats the first by more than luck; what the comparison cannot say. */
function Significance({ comparison }: { readonly comparison: Comparison }): ReactNode {
  const formats = useFormats();
  const { superiorAbility: found, runs, reasons, sharedDays } = comparison;
  const p = typeof found?.['consistent'] === 'number' ? found['consistent'] : null;
  return (
    <Alert variant="default" title="What to know before the figures" role="note">
      {found === null || p === null ? null : (
        <Text size="sm">
          {found.bestRun} is the best of the others over {formats.exact(sharedDays)} shared days. That it beats{' '}
          {runs[0]!.name} by luck alone has a probability of {formats.number(p)} (test of superior predictive ability):{' '}
          {p <= 0.05 ? 'more than luck.' : 'no more than luck may be.'}
        </Text>
      )}
      {reasons.map((reason) => (
        <Text key={reason} size="sm">
          {reason}
        </Text>
      ))}
    </Alert>
  );
}

const COLORS = ['--chart-own', '--chart-hold', '--chart-same', '--chart-fourth', '--chart-fifth'];

interface OverlaidProps {
  readonly ids: readonly string[];
  readonly names: readonly string[];
}

/** Equity of all of them, each as a multiple of its first mark. */
function Overlaid({ ids, names }: OverlaidProps): ReactNode {
  const [span, setSpan] = useState<Span | null>(null);
  const charts = useQueries({ queries: ids.map(chartQuery), combine: (all) => all.map(({ data }) => data) });
  const key = charts.map((chart) => chart?.id ?? '').join();
  const joined = useMemo(() => {
    const there = charts.filter((chart) => chart !== undefined);
    return there.length === ids.length ? normalised(there) : null;
  }, [key, ids]);
  const curves = useMemo(
    () => joined?.values.map((values, at) => ({ label: names[at]!, values, color: COLORS[at % COLORS.length]! })) ?? [],
    [joined, names.join()],
  );
  if (joined === null) return <Text>Loading</Text>;
  return (
    <Stack gap="xs">
      <SpanWords span={span} onSpan={setSpan} />
      <Curves
        label={`Equity of ${names.join(', ')}, each in per cent of its first mark`}
        {...{ timeMs: joined.timeMs, curves, height: 320, span, onSpan: setSpan }}
        isShare
      />
    </Stack>
  );
}

/** Figures and settings by group: what is the same in all of them is left out. */
function Differences({ comparison }: { readonly comparison: Comparison }): ReactNode {
  const formats = useFormats();
  const { runs, ids, settings, sharedReturns } = comparison;
  const figures = [
    ...FIGURES.map(([key, name]) => ({ name, cells: runs.map((run) => figureText(run, key, formats)) })),
    { name: 'Return over the shared days', cells: sharedReturns.map((value) => formats.percent(value, 2)) },
  ].filter(({ cells }) => new Set(cells).size > 1);
  const groups = [
    { title: 'Figures', rows: figures },
    ...[...new Set(settings.map(({ group }) => group))].map((group) => ({
      title: wordsOf(group),
      rows: settings
        .filter((one) => one.group === group)
        .map(({ name, values }) => ({ name: wordsOf(name), cells: values.map((value) => valueText(value, formats)) })),
    })),
  ].filter(({ rows }) => rows.length > 0);
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        Differences
      </Title>
      <ScrollArea viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': 'Differences' }}>
        <Table withTableBorder fz="sm" verticalSpacing={3} miw={200 + 180 * runs.length} aria-label="Differences">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Differs</Table.Th>
              {runs.map(({ name, verdict }, at) => (
                <Table.Th key={ids[at]} scope="col" ta="right">
                  <Link to="/backtests/$run" params={{ run: ids[at]! }} className="row-link" title={ids[at]}>
                    {name}
                  </Link>{' '}
                  <Verdict word={verdict} size="xs" />
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          {groups.map(({ title, rows }) => (
            <Table.Tbody key={title}>
              <Table.Tr>
                <Table.Th scope="rowgroup" colSpan={runs.length + 1}>
                  {title}
                </Table.Th>
              </Table.Tr>
              {rows.map(({ name, cells }) => (
                <Table.Tr key={name}>
                  <Table.Th scope="row" fw={400} pl="lg">
                    {name}
                  </Table.Th>
                  {cells.map((cell, at) => (
                    <Table.Td key={ids[at]} ta="right" maw={280} style={{ overflowWrap: 'anywhere' }}>
                      {cell}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          ))}
        </Table>
      </ScrollArea>
    </section>
  );
}
