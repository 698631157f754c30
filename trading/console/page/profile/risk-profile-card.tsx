import { Card, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { KeyValues } from '../parts/key-values.tsx';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import type { RiskProfile } from '../service/shapes.ts';

/** What one's orders may ask for, before any session looks at them. */
export function RiskProfileCard(): ReactNode {
  const formats = useFormats();
  const { data, error } = useQuery({
    queryKey: ['risk-profile'],
    queryFn: ({ signal }) => ask<RiskProfile>('GET', '/api/v1/me/risk-profile', { signal }),
  });
  return (
    <Card withBorder>
      <Stack gap="xs">
        <Title order={2} size="h5">
          Risk profile
        </Title>
        <Text size="sm" c="dimmed">
          What your orders may ask for, before the limits of a session. Administrators change it.
        </Text>
        <Wrong error={error} />
        {data === undefined ? null : (
          <KeyValues
            value={{
              largestOrder: bound(data.profile.orderValueMax, formats.money.bind(formats)),
              dailyOrders: `${data.today.orders} of ${bound(data.profile.dailyOrdersMax, String)}`,
              dailyValue: `${formats.money(data.today.value)} of ${bound(data.profile.dailyValueMax, formats.money.bind(formats))}`,
              sessionCapital: bound(data.profile.sessionCapitalMax, formats.money.bind(formats)),
              symbols: data.profile.symbols?.join(', ') ?? 'all',
              changedBy: data.changedBy,
              changedAt: data.changedAt,
            }}
          />
        )}
      </Stack>
    </Card>
  );
}

function bound(value: number | null, words: (value: number) => string): string {
  return value === null ? 'no bound' : words(value);
}
