import { Stack, Tabs, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { ChannelsTab } from './channels-tab.tsx';
import { FiringTab } from './firing-tab.tsx';
import { OwnTab } from './own-tab.tsx';
import { RulesTab } from './rules-tab.tsx';
import { SilencesTab } from './silences-tab.tsx';

/** What people are to know at once, and how they are told of it. */
export function AlertsPage(): ReactNode {
  return (
    <Stack>
      <Title order={1} size="h3">
        Alerts
      </Title>
      <Tabs defaultValue="alerts" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="alerts">Firing and history</Tabs.Tab>
          <Tabs.Tab value="rules">Rules</Tabs.Tab>
          <Tabs.Tab value="silences">Silences</Tabs.Tab>
          <Tabs.Tab value="channels">Channels</Tabs.Tab>
          <Tabs.Tab value="own">My notifications</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="alerts">
          <FiringTab />
        </Tabs.Panel>
        <Tabs.Panel value="rules">
          <RulesTab />
        </Tabs.Panel>
        <Tabs.Panel value="silences">
          <SilencesTab />
        </Tabs.Panel>
        <Tabs.Panel value="channels">
          <ChannelsTab />
        </Tabs.Panel>
        <Tabs.Panel value="own">
          <OwnTab />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
