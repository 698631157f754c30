import { Card, Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface FigureProps {
  readonly title: string;
  readonly note: string;
  readonly children: ReactNode;
}

/** One number that matters, with what it is and what it is of. */
export function Figure({ title, note, children }: FigureProps): ReactNode {
  return (
    <Card withBorder padding="sm">
      <Text size="xs" c="dimmed">
        {title}
      </Text>
      <div className="figure">{children}</div>
      <Text size="xs" c="dimmed">
        {note}
      </Text>
    </Card>
  );
}
