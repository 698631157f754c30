import { Code, Drawer, Group, Progress, Stack, Text, UnstyledButton } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { KeyValues } from '../parts/key-values.tsx';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { useMay } from '../sign-in/me.tsx';
import { useIngest, useIngests, type IngestJob } from './data-queries.ts';
import { IngestForm } from './ingest-form.tsx';

/** Bars that are asked for, and what came of it. */
export function IngestView(): ReactNode {
  const formats = useFormats();
  const mayAsk = useMay('data:ingest');
  const { data = [], error, isPending } = useIngests();
  const [shown, setShown] = useState<string | null>(null);
  const columns: readonly Column<IngestJob>[] = [
    {
      title: 'What',
      width: 130,
      grow: 4,
      cell: ({ id, asked }) => (
        <UnstyledButton className="row-link" fz="sm" onClick={() => setShown(id)}>
          {whatOf(asked)}
        </UnstyledButton>
      ),
    },
    { title: 'State', width: 96, cell: ({ state }) => <State word={state} /> },
    { title: 'How far', width: 150, grow: 2, cell: (job) => <HowFar job={job} /> },
    { title: 'Asked', width: 184, wide: true, cell: ({ askedAt }) => formats.moment(askedAt) },
    { title: 'By', width: 100, wide: true, cell: ({ askedBy }) => askedBy },
  ];
  return (
    <Stack>
      {mayAsk ? <IngestForm onAsked={setShown} /> : <Text size="sm">You may see ingests, and ask for none.</Text>}
      <Wrong error={error} />
      <RowsTable
        label="Ingests"
        columns={columns}
        rows={data}
        keyOf={({ id }) => id}
        empty={isPending ? 'Loading' : 'Nothing was asked for here yet.'}
        heightMax="40vh"
      />
      <Drawer
        opened={shown !== null}
        onClose={() => setShown(null)}
        position="right"
        size="lg"
        title="Ingest"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {shown === null ? null : <Job id={shown} />}
      </Drawer>
    </Stack>
  );
}

function whatOf({ vendor, file, symbol, timeframe }: IngestJob['asked']): string {
  const from = file === undefined ? (vendor ?? '') : file.name;
  return [from, symbol, timeframe].filter((word) => word !== undefined).join(' ');
}

function HowFar({ job: { state, progress, problem } }: { readonly job: IngestJob }): ReactNode {
  if (state === 'failed') return <span title={problem ?? ''}>{problem}</span>;
  if (progress === null) return '';
  const { stage, done, total, notes } = progress;
  if (state === 'done') return <span title={notes.at(-1) ?? ''}>{notes.at(-1) ?? ''}</span>;
  if (total === null || total === 0) return stage;
  return <Progress value={(100 * done) / total} aria-label={`${stage}: ${done} of ${total}`} />;
}

function Job({ id }: { readonly id: string }): ReactNode {
  const { data, error } = useIngest(id);
  if (data === undefined) return error === null ? <Text size="sm">Loading</Text> : <Wrong error={error} />;
  const { asked, state, progress, problem, result } = data;
  return (
    <Stack>
      <Group gap="xs">
        <State word={state} />
        <Text size="sm">{whatOf(asked)}</Text>
      </Group>
      <HowFar job={data} />
      <Wrong error={problem} />
      <KeyValues value={{ askedBy: data.askedBy, asked: data.askedAt, began: data.beganAt, ended: data.endedAt }} />
      {progress === null || progress.notes.length === 0 ? null : (
        <Code block style={{ whiteSpace: 'pre-wrap' }}>
          {progress.notes.join('\n')}
        </Code>
      )}
      {result === null ? null : (
        <>
          <KeyValues
            value={{
              written: result.inserted,
              unchanged: result.unchanged,
              revised: result.revised,
              data: result.dataHash,
            }}
          />
          {result.series.map(({ id: series, ...rest }) => (
            <KeyValues key={series} value={rest} />
          ))}
        </>
      )}
    </Stack>
  );
}
