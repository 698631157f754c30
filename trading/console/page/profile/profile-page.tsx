import { Group, SimpleGrid, Stack, Tabs, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { TokensTable } from '../admin/tokens-table.tsx';
import { State } from '../parts/words.tsx';
import { useMe } from '../sign-in/me.tsx';
import { RiskProfileCard } from './risk-profile-card.tsx';
import { SecondFactorCard } from './second-factor.tsx';
import { SignInsTable } from './sign-ins-table.tsx';

/** Whoever is signed in: how they prove it, where they are signed in, and what they may ask for. */
export function ProfilePage(): ReactNode {
  const { name, role } = useMe();
  return (
    <Stack>
      <Group gap="xs">
        <Title order={1} size="h3">
          Profile of {name}
        </Title>
        <State word={role} size="md" />
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <SecondFactorCard />
        <RiskProfileCard />
      </SimpleGrid>
      <Tabs defaultValue="sign-ins" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="sign-ins">Sign-ins</Tabs.Tab>
          <Tabs.Tab value="tokens">My tokens</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="sign-ins">
          <SignInsTable />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <TokensTable path="/api/v1/me/tokens" />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
