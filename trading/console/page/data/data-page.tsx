import { Stack, Tabs, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { CorrectionsTable } from './corrections-table.tsx';
import { CoverageView } from './coverage-view.tsx';
import { FeaturesView } from './features-view.tsx';
import { IngestView } from './ingest-view.tsx';

/** What the store holds, what is missing and wrong with it, and how more is brought in. */
export function DataPage(): ReactNode {
  return (
    <Stack>
      <Title order={1} size="h3">
        Data
      </Title>
      <Tabs defaultValue="coverage" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="coverage">Coverage</Tabs.Tab>
          <Tabs.Tab value="ingest">Ingest</Tabs.Tab>
          <Tabs.Tab value="corrections">Corrections</Tabs.Tab>
          <Tabs.Tab value="features">Features</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="coverage" pt="sm">
          <CoverageView />
        </Tabs.Panel>
        <Tabs.Panel value="ingest" pt="sm">
          <IngestView />
        </Tabs.Panel>
        <Tabs.Panel value="corrections" pt="sm">
          <CorrectionsTable />
        </Tabs.Panel>
        <Tabs.Panel value="features" pt="sm">
          <FeaturesView />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
