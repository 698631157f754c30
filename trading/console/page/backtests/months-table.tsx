import { ScrollArea, Table, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import type { RunChart } from './run-queries.ts';

type Months = NonNullable<RunChart['months']>;

/** Per cent of colour behind the largest: words stay readable on it. */
const TINT_MAX = 40;

/** Net return of each month, tinted by its size, and of each year. */
export function MonthsTable({ months }: { readonly months: Months }): ReactNode {
  const formats = useFormats();
  const byMonth = new Map(months.map(({ month, return: value }) => [month, value]));
  const years = [...new Set(months.map(({ month }) => month.slice(0, 4)))];
  const largest = months.reduce((most, { return: value }) => Math.max(most, Math.abs(value)), 0);
  const names = Array.from({ length: 12 }, (_, month) =>
    new Intl.DateTimeFormat(formats.locale, { month: 'short', timeZone: 'UTC' }).format(Date.UTC(2020, month, 1)),
  );
  const ofYear = (year: string): number =>
    months.filter(({ month }) => month.startsWith(year)).reduce((all, one) => all * (1 + one.return), 1) - 1;
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        Net return by month, %
      </Title>
      <ScrollArea.Autosize mah={760} viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': 'Returns by month' }}>
        <Table withTableBorder horizontalSpacing={6} verticalSpacing={3} fz="xs" stickyHeader miw={760}>
          <Table.Thead>
            <Table.Tr>
              {['Year', ...names, 'Whole'].map((name) => (
                <Table.Th key={name} scope="col" ta={name === 'Year' ? undefined : 'right'}>
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {years.map((year) => (
              <Table.Tr key={year}>
                <Table.Th scope="row">{year}</Table.Th>
                {names.map((name, month) => (
                  <Cell
                    key={name}
                    value={byMonth.get(`${year}-${String(month + 1).padStart(2, '0')}`)}
                    largest={largest}
                  />
                ))}
                <Table.Td ta="right" fw={600}>
                  {formats.number(100 * ofYear(year), 1)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
    </section>
  );
}

function Cell({ value, largest }: { readonly value: number | undefined; readonly largest: number }): ReactNode {
  const formats = useFormats();
  if (value === undefined) return <Table.Td />;
  const share = largest === 0 ? 0 : Math.round((Math.abs(value) / largest) * TINT_MAX);
  const tint = value < 0 ? 'var(--loss)' : 'var(--gain)';
  return (
    <Table.Td ta="right" c="bright" style={{ background: `color-mix(in srgb, ${tint} ${share}%, transparent)` }}>
      {formats.number(100 * value, 1)}
    </Table.Td>
  );
}
