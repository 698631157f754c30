import { Code, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** What a screen about a session says before there is one. */
export function NoSession({ title }: { readonly title: string }): ReactNode {
  return (
    <Stack>
      <Title order={1} size="h3">
        {title}
      </Title>
      <Text>No session has begun yet. Begin one:</Text>
      <Code block>signalbox paper default</Code>
    </Stack>
  );
}
