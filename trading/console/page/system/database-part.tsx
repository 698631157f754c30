import { SimpleGrid, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Figure } from '../parts/figure.tsx';
import { ageText, bytesText, useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Wrong } from '../parts/words.tsx';
import { useNow } from '../frame/ticking.ts';
import { useDatabase, type DatabaseStatus } from './system-queries.ts';

/** Size, connections, migrations and backups of the database. */
export function DatabasePart(): ReactNode {
  const formats = useFormats();
  const { data, error } = useDatabase();
  const columns: readonly Column<DatabaseStatus['largest'][number]>[] = [
    { title: 'Table', width: 150, grow: 3, cell: ({ table }) => table },
    { title: 'Size', width: 100, isNumber: true, cell: ({ bytes }) => bytesText(bytes) },
    {
      title: 'Share',
      unit: '%',
      width: 100,
      isNumber: true,
      cell: ({ bytes }) => formats.percent(bytes / (data?.bytes ?? bytes)),
    },
  ];
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        Database
      </Title>
      <Wrong error={error} />
      {data === undefined ? null : (
        <>
          <Figures database={data} />
          <Title order={3} size="h6" mt="sm" mb={4}>
            Largest tables
          </Title>
          <RowsTable
            label="Largest tables"
            columns={columns}
            rows={data.largest}
            keyOf={({ table }) => table}
            empty="None"
            heightMax="30vh"
          />
        </>
      )}
    </section>
  );
}

function Figures({ database }: { readonly database: DatabaseStatus }): ReactNode {
  const nowMs = useNow();
  const { version, embedded, bytes, connections, connectionsMax, applied, pending, unknown, lastBackup } = database;
  const isWhole = pending.length + unknown.length === 0;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
      <Figure title="Size" note={`PostgreSQL ${version}${embedded ? ', embedded' : ''}`}>
        {bytesText(bytes)}
      </Figure>
      <Figure title="Connections" note={`of ${connectionsMax}`}>
        {connections}
      </Figure>
      <Figure
        title="Migrations"
        note={isWhole ? 'all are applied' : `${pending.length} pending, ${unknown.length} unknown to this version`}
      >
        {applied.length}
      </Figure>
      <Figure
        title="Last backup"
        note={lastBackup === null ? 'signalbox db backup FILE makes one' : `${lastBackup.file} on ${lastBackup.host}`}
      >
        {lastBackup === null ? 'none' : `${ageText(nowMs - Date.parse(lastBackup.madeAt))} ago`}
      </Figure>
    </SimpleGrid>
  );
}
