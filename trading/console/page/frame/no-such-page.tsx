import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

export function NoSuchPage(): ReactNode {
  return (
    <Stack>
      <Title order={1} size="h3">
        There is no such page
      </Title>
      <Text>
        The address may be of an older console.{' '}
        <Anchor component={Link} to="/">
          Go to the overview
        </Anchor>
        .
      </Text>
    </Stack>
  );
}
