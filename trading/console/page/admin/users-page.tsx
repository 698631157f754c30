import { Stack, Tabs, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { RolesTable } from './roles-table.tsx';
import { TokensTable } from './tokens-table.tsx';
import { UsersTable } from './users-table.tsx';

/** Who may sign in, and which programs may ask. */
export function UsersPage(): ReactNode {
  return (
    <Stack>
      <Title order={1} size="h3">
        Users and tokens
      </Title>
      <Tabs defaultValue="users" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="users">Users</Tabs.Tab>
          <Tabs.Tab value="tokens">Tokens</Tabs.Tab>
          <Tabs.Tab value="roles">Roles</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="users">
          <UsersTable />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <TokensTable path="/api/v1/tokens" />
        </Tabs.Panel>
        <Tabs.Panel value="roles">
          <RolesTable />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
