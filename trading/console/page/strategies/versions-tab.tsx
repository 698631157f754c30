import { Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable } from '../parts/rows-table.tsx';
import { Wrong } from '../parts/words.tsx';
import { lineDiff, type DiffLine } from './line-diff.ts';
import styles from './strategies.module.css';
import { useVersion, useVersions } from './strategy-queries.ts';
import { whereTo } from './strategies-page.tsx';

/** Every version of a strategy, and what differs between two of them. */
export function VersionsTab({ name, newest }: { readonly name: string; readonly newest: number }): ReactNode {
  const formats = useFormats();
  const { data = [], error, isPending } = useVersions(name);
  const [before, setBefore] = useState<number | null>(newest > 1 ? newest - 1 : null);
  const [after, setAfter] = useState(newest);
  const choices = data.map(({ version }) => ({ value: String(version), label: `Version ${version}` }));
  return (
    <Stack>
      <Wrong error={error} />
      <RowsTable
        label="Versions"
        rows={data}
        keyOf={({ version }) => version}
        empty={isPending ? 'Loading' : 'No version.'}
        heightMax="30vh"
        columns={[
          { title: 'Version', width: 80, isNumber: true, cell: ({ version }) => version },
          { title: 'Kept', width: 184, cell: ({ madeAt }) => formats.moment(madeAt) },
          { title: 'By', width: 110, cell: ({ madeBy }) => madeBy },
          { title: 'Orders go to', width: 150, wide: true, cell: ({ settings }) => whereTo(settings) },
          { title: 'Why', width: 160, grow: 4, wide: true, cell: ({ reason }) => <span title={reason}>{reason}</span> },
        ]}
        onRow={({ version }) => {
          setAfter(version);
          setBefore(version > 1 ? version - 1 : null);
        }}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }} maw={480}>
        <Select
          label="What differs from"
          placeholder="nothing"
          clearable
          clearButtonProps={{ 'aria-label': 'Compare with nothing' }}
          value={before === null ? null : String(before)}
          data={choices}
          onChange={(value) => setBefore(value === null ? null : Number(value))}
        />
        <Select
          label="in"
          allowDeselect={false}
          value={String(after)}
          data={choices}
          onChange={(value) => setAfter(Number(value))}
        />
      </SimpleGrid>
      <Difference name={name} before={before} after={after} />
    </Stack>
  );
}

interface DifferenceProps {
  readonly name: string;
  readonly before: number | null;
  readonly after: number;
}

function Difference({ name, before, after }: DifferenceProps): ReactNode {
  const older = useVersion(name, before);
  const newer = useVersion(name, after);
  if (newer.data === undefined || (before !== null && older.data === undefined)) return <Text size="sm">Loading</Text>;
  const settings = [older.data, newer.data].map((one) => (one === undefined ? '' : JSON.stringify(one.settings)));
  return (
    <Stack gap="xs">
      {before !== null && settings[0] !== settings[1] ? (
        <Text size="sm">
          Orders went to: {whereTo(older.data!.settings)}; now: {whereTo(newer.data.settings)}
        </Text>
      ) : null}
      <div className={styles['diff']} tabIndex={0} role="region" aria-label="Differences">
        {lineDiff(older.data?.yaml ?? newer.data.yaml, newer.data.yaml).map((line, at) => (
          <Line key={at} {...line} />
        ))}
      </div>
    </Stack>
  );
}

const SIGNS = { same: ' ', removed: '-', added: '+' } as const;

function Line({ kind, text }: DiffLine): ReactNode {
  return (
    <div className={styles[kind]}>
      {SIGNS[kind]} {text}
    </div>
  );
}
