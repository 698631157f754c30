import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { Wrong } from '../parts/words.tsx';
import { useMonths, type Month } from './data-queries.ts';
import styles from './months-grid.module.css';

const MONTHS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'];

/** Years by months: how much there is of what the calendar expects. */
export function MonthsGrid({ series }: { readonly series: number }): ReactNode {
  const { data = [], error, isPending } = useMonths(series);
  const byMonth = new Map(data.map((one) => [one.month, one]));
  const years = [...new Set(data.map(({ month }) => month.slice(0, 4)))].reverse();
  return (
    <div>
      <Title order={3} size="h6" mb={4}>
        Months
      </Title>
      <Wrong error={error} />
      {isPending ? <Text size="sm">Loading</Text> : null}
      <div style={{ overflow: 'auto', maxHeight: '32vh' }} tabIndex={0} role="region" aria-label="Bars by month">
        <table className={styles['grid']} aria-label="Bars by month, in per cent of those that are expected">
          <thead>
            <tr>
              <th scope="col">Year</th>
              {MONTHS.map((month) => (
                <th key={month} scope="col">
                  {month}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {years.map((year) => (
              <tr key={year}>
                <th scope="row">{year}</th>
                {MONTHS.map((month) => (
                  <Cell key={month} month={byMonth.get(`${year}-${month.padStart(2, '0')}`)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Cell({ month }: { readonly month: Month | undefined }): ReactNode {
  const formats = useFormats();
  if (month === undefined) return <td />;
  const { bars, expected } = month;
  const share = expected === null || expected === 0 ? null : bars / expected;
  const kind = share === null ? 'unknown' : share >= 1 ? 'whole' : bars === 0 ? 'gap' : 'part';
  const title = `${month.month}: ${formats.exact(bars)} bars${expected === null ? '' : ` of ${formats.exact(expected)}`}`;
  return (
    <td className={`${styles['month']} ${styles[kind]}`} title={title}>
      {share === null ? formats.exact(bars) : Math.floor(Math.min(1, share) * 100)}
    </td>
  );
}
