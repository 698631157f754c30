import { Anchor, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Icon } from '../parts/icons.tsx';
import { Wrong } from '../parts/words.tsx';
import { keepSignedIn } from '../service/signed-in.ts';

/** The report of a run as it was kept: a page of its own, which may run its one script and ask for nothing. */
export function ReportFrame({ id }: { readonly id: string }): ReactNode {
  const path = `/api/v1/reports/${encodeURIComponent(id)}`;
  // A frame cannot renew a sign-in itself.
  const { data: isReady = false, error } = useQuery({
    queryKey: ['report', id],
    queryFn: () => keepSignedIn().then(() => true),
  });
  return (
    <>
      <Group gap="xs" mb="xs">
        <Text size="sm" c="dimmed">
          The whole report, as it was written.
        </Text>
        <Anchor href={`${path}?download=true`} size="sm" download>
          <Group gap={4} wrap="nowrap" component="span">
            <Icon name="download" size={14} />
            Download it
          </Group>
        </Anchor>
      </Group>
      <Wrong error={error} />
      {isReady ? <iframe src={path} sandbox="allow-scripts" title={`Report of ${id}`} className="report" /> : null}
    </>
  );
}
