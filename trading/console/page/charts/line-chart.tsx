import { lazy, Suspense, useState, type ReactNode } from 'react';
import { Button, Group, Skeleton, Text } from '@mantine/core';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { joinedLines } from './joined-lines.ts';
import type { LineChartProps } from './line-chart-props.ts';

const Painted = lazy(() => import('./painted-lines.tsx'));

/** Lines over time, painted; the same numbers stand in a table for whoever wants to read them. */
export function LineChart(props: LineChartProps): ReactNode {
  const { label, lines, text, height = 220 } = props;
  const [isTable, setIsTable] = useState(false);
  const joined = joinedLines(lines);
  if (joined.time.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing in this span.
      </Text>
    );
  }
  return (
    <figure style={{ margin: 0 }} aria-label={label}>
      <Group justify="space-between" gap="xs" mb={4}>
        <figcaption>
          <Legend lines={lines} text={text} />
        </figcaption>
        <Button size="compact-xs" variant="subtle" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
          Table
        </Button>
      </Group>
      {isTable ? (
        <LinesTable label={label} lines={lines} text={text} />
      ) : (
        <Suspense fallback={<Skeleton height={height} />}>
          <Painted {...props} joined={joined} height={height} />
        </Suspense>
      )}
    </figure>
  );
}

type Told = Pick<LineChartProps, 'lines' | 'text'>;

/** Each line with its last value: what a chart says at a glance. */
function Legend({ lines, text }: Told): ReactNode {
  return (
    <Group gap="sm">
      {lines.slice(0, 8).map(({ name, value }, at) => (
        <Text size="xs" key={name} component="span">
          <span className={`line-mark line-mark-${at % 8}`} aria-hidden="true" /> {name}{' '}
          <strong>{text(value.findLast((one) => one !== null))}</strong>
        </Text>
      ))}
      {lines.length > 8 ? (
        <Text size="xs" c="dimmed" component="span">
          and {lines.length - 8} more
        </Text>
      ) : null}
    </Group>
  );
}

function LinesTable({ label, lines, text }: Told & { readonly label: string }): ReactNode {
  const formats = useFormats();
  const { time, values } = joinedLines(lines);
  const rows = time.map((_, row) => time.length - 1 - row);
  const columns: readonly Column<number>[] = [
    { title: 'Time', width: 184, cell: (row) => formats.moment(time[row]) },
    ...lines.map(({ name }, at): Column<number> => {
      return { title: name, width: 110, isNumber: true, cell: (row) => text(values[at]![row]) };
    }),
  ];
  return (
    <RowsTable label={label} columns={columns} rows={rows} keyOf={(row) => row} empty="Nothing" heightMax="260px" />
  );
}
