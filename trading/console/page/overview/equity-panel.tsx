import { Card, Group, SegmentedControl, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { DAY_MS, HOUR_MS } from '../../../../features/timeframe.ts';
import { LineChart } from '../charts/line-chart.tsx';
import { useChosenSession } from '../frame/chosen-session.ts';
import { useFormats } from '../parts/formats.ts';
import { Wrong } from '../parts/words.tsx';
import { useEquity } from '../service/chart-queries.ts';
import type { EquityCurve } from '../service/chart-shapes.ts';

const SPANS = [
  { value: '1', label: 'Day' },
  { value: '7', label: 'Week' },
  { value: '30', label: 'Month' },
  { value: '', label: 'All' },
];

/** Equity and drawdown of the chosen session, beside what its symbols would have made by themselves. */
export function EquityPanel(): ReactNode {
  const { id, session } = useChosenSession();
  const [days, setDays] = useState('');
  const last = session?.lastClose ?? null;
  // The market's days: a replay of the past stands where its bars are. By the hour, so that it is seldom another.
  const from =
    days === '' || last === null
      ? undefined
      : new Date(Math.floor(Date.parse(last) / HOUR_MS) * HOUR_MS - Number(days) * DAY_MS).toISOString();
  const { data, error } = useEquity(id, from);
  if (id === undefined) return null;
  return (
    <Card withBorder padding="sm" component="section" aria-label={`Equity of ${id}`}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          Equity of {id}
        </Title>
        <SegmentedControl size="xs" data={SPANS} value={days} onChange={setDays} aria-label="How far back" />
      </Group>
      <Wrong error={error} />
      {data === undefined ? null : <Curves curve={data} />}
    </Card>
  );
}

function Curves({ curve }: { readonly curve: EquityCurve }): ReactNode {
  const formats = useFormats();
  const { time, equity, drawdown, benchmark, currency, benchmarkWhyNot, maxDrawdown, thinned, points } = curve;
  if (time.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Its books have told no point of this span yet.
      </Text>
    );
  }
  const held = benchmark === null ? [] : [{ name: 'Buy and hold', time, value: benchmark }];
  return (
    <Stack gap="xs">
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <LineChart
          label={`Equity and buy and hold${currency === null ? '' : `, ${currency}`}`}
          lines={[{ name: 'Equity', time, value: equity }, ...held]}
          broken={['Buy and hold']}
          text={formats.money.bind(formats)}
        />
        <LineChart
          label="Drawdown"
          lines={[{ name: 'Drawdown', time, value: drawdown }]}
          text={(value) => formats.percent(value, 2)}
          max={0}
        />
      </SimpleGrid>
      <Text size="xs" c="dimmed">
        {currency === null ? '' : `In ${currency}. `}Deepest drawdown {formats.percent(maxDrawdown, 2)}.{' '}
        {benchmarkWhyNot === null
          ? 'Buy and hold is the capital in equal parts in each of its symbols, without costs.'
          : `No buy and hold: ${benchmarkWhyNot}`}
        {thinned ? ` Of ${formats.number(points, 0)} points the extremes are drawn.` : ''}
      </Text>
    </Stack>
  );
}
