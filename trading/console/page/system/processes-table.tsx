import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { ageText, bytesText, useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State } from '../parts/words.tsx';
import { useNow } from '../frame/ticking.ts';
import type { Process } from './system-queries.ts';

/** Levels of a log that somebody should read. */
const LOUD = ['fatal', 'error', 'warn'];

interface ProcessesProps {
  readonly processes: readonly Process[];
  readonly isLoading: boolean;
}

/** What serves and works, whether it is well, and what it has counted. */
export function ProcessesTable({ processes, isLoading }: ProcessesProps): ReactNode {
  const formats = useFormats();
  const nowMs = useNow();
  const columns: readonly Column<Process>[] = [
    { title: 'Process', width: 90, cell: ({ role }) => role },
    { title: 'Health', width: 96, cell: (one) => <State word={one.lost ? 'lost' : one.health.status} /> },
    { title: 'Parts', width: 150, grow: 2, wide: true, cell: (one) => <Parts process={one} /> },
    { title: 'Machine', width: 110, wide: true, cell: ({ host, pid }) => `${host} ${pid}` },
    {
      title: 'Seen',
      unit: 'ago',
      width: 100,
      isNumber: true,
      cell: ({ seenAt }) => ageText(nowMs - Date.parse(seenAt)),
    },
    { title: 'Up', width: 70, isNumber: true, wide: true, cell: ({ beganAt }) => ageText(nowMs - Date.parse(beganAt)) },
    { title: 'Memory', width: 96, isNumber: true, wide: true, cell: ({ figures }) => bytesText(figures.memoryBytes) },
    { title: 'Sockets', width: 84, isNumber: true, wide: true, cell: ({ figures }) => formats.exact(figures.sockets) },
    { title: 'Log lines', width: 190, grow: 2, wide: true, cell: ({ figures }) => logText(figures.logLines) },
    { title: 'Version', width: 90, wide: true, cell: ({ version }) => version },
  ];
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        Processes
      </Title>
      <RowsTable
        label="Processes"
        columns={columns}
        rows={processes}
        keyOf={({ id }) => id}
        empty={isLoading ? 'Loading' : 'None says that it is there.'}
        heightMax="30vh"
      />
    </section>
  );
}

function Parts({ process: { health } }: { readonly process: Process }): ReactNode {
  const parts = Object.entries(health.parts);
  const wrong = parts.filter(([, { ok }]) => !ok);
  const words = (wrong.length > 0 ? wrong : parts).map(([name, { ok, detail }]) => (ok ? name : `${name}: ${detail}`));
  const title = parts.map(([name, { detail }]) => `${name}: ${detail}`).join('\n');
  return <span title={title}>{words.join(', ')}</span>;
}

/** Lines that were logged, the loud ones first. */
function logText(lines: Readonly<Record<string, number>>): string {
  const names = [...LOUD, ...Object.keys(lines).filter((level) => !LOUD.includes(level))];
  const told = names.flatMap((level) => ((lines[level] ?? 0) === 0 ? [] : [`${level} ${lines[level]}`]));
  return told.length === 0 ? 'none' : told.join(', ');
}
