import { Stack, TextInput, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { bytesText, useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Wrong } from '../parts/words.tsx';
import { useFeatures, useFeatureSets, type Feature, type FeatureSet } from './data-queries.ts';

/** Feature rows in the store, and every feature that an experiment may name. */
export function FeaturesView(): ReactNode {
  return (
    <Stack>
      <Sets />
      <Catalogue />
    </Stack>
  );
}

function Sets(): ReactNode {
  const formats = useFormats();
  const { data = [], error, isPending } = useFeatureSets();
  const columns: readonly Column<FeatureSet>[] = [
    {
      title: 'Set',
      width: 120,
      grow: 3,
      cell: ({ name, version, expressions }) => (
        <span title={expressions.join(', ')}>{name === null ? expressions.join(', ') : `${name} v${version}`}</span>
      ),
    },
    { title: 'Size', width: 60, cell: ({ timeframe }) => timeframe },
    { title: 'Columns', width: 90, isNumber: true, wide: true, cell: (one) => one.columns.length },
    { title: 'Series', width: 76, isNumber: true, wide: true, cell: ({ series }) => formats.exact(series) },
    { title: 'Rows', width: 96, isNumber: true, cell: ({ rows }) => formats.exact(rows) },
    { title: 'Values', width: 90, isNumber: true, wide: true, cell: ({ bytes }) => bytesText(bytes) },
    { title: 'Up to', width: 184, wide: true, cell: ({ lastCloseAt }) => formats.moment(lastCloseAt) },
    { title: 'View for SQL', width: 160, grow: 3, wide: true, cell: ({ view }) => <span title={view}>{view}</span> },
  ];
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        In the store
      </Title>
      <Wrong error={error} />
      <RowsTable
        label="Feature sets"
        columns={columns}
        rows={data}
        keyOf={({ hash }) => hash}
        empty={isPending ? 'Loading' : 'No feature rows yet: signalbox materialize computes some.'}
        heightMax="32vh"
      />
    </section>
  );
}

function Catalogue(): ReactNode {
  const { data = [], error, isPending } = useFeatures();
  const [typed, setTyped] = useState('');
  const wanted = typed.trim().toLowerCase();
  const columns: readonly Column<Feature>[] = [
    { title: 'Written', width: 170, grow: 2, cell: ({ usage }) => <code title={usage}>{usage}</code> },
    { title: 'Outputs', width: 130, wide: true, cell: ({ outputs }) => outputs.join(', ') },
    {
      title: 'What it is',
      width: 160,
      grow: 4,
      wide: true,
      cell: ({ source }) => <span title={source}>{source}</span>,
    },
  ];
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        That an experiment may name
      </Title>
      <TextInput
        size="xs"
        w={220}
        mb="xs"
        placeholder="Name"
        aria-label="Only features with"
        value={typed}
        onChange={({ currentTarget: { value } }) => setTyped(value)}
      />
      <Wrong error={error} />
      <RowsTable
        label="Features"
        columns={columns}
        rows={data.filter(({ usage, source }) => `${usage} ${source}`.toLowerCase().includes(wanted))}
        keyOf={({ usage }) => usage}
        empty={isPending ? 'Loading' : 'No such feature.'}
        heightMax="40vh"
      />
    </section>
  );
}
