import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats, type Formats } from './formats.ts';

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)$/;

interface KeyValuesProps {
  readonly value: Readonly<Record<string, unknown>>;
  /** Of a number, at most. */
  readonly decimals?: number;
}

/** A record as the service has it, each name with what it holds. What is not there is left out. */
export function KeyValues({ value, decimals }: KeyValuesProps): ReactNode {
  const formats = useFormats();
  const known = Object.entries(value).filter(([, one]) => one !== null && one !== undefined && one !== '');
  if (known.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        nothing on record
      </Text>
    );
  }
  return (
    <Table withRowBorders={false} verticalSpacing={1} horizontalSpacing={6} fz="sm" layout="fixed">
      <Table.Tbody>
        {known.map(([name, one]) => (
          <Table.Tr key={name}>
            <Table.Th
              scope="row"
              w="38%"
              fw={400}
              c="dimmed"
              style={{ verticalAlign: 'top', overflowWrap: 'anywhere' }}
            >
              {wordsOf(name)}
            </Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>
              {typeof one === 'number' ? formats.exact(one, decimals) : valueText(one, formats)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Names that are no words. */
const SHORT: Readonly<Record<string, string>> = { auc: 'AUC', day_pnl: 'P&L of the day' };

/** A name of a key in words. */
export function wordsOf(name: string): string {
  const short = SHORT[name];
  if (short !== undefined) return short;
  const words = name
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, (_all, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function valueText(value: unknown, formats: Formats): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'number') return formats.exact(value);
  if (typeof value === 'string') return MOMENT.test(value) ? formats.moment(value) : value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((one) => valueText(one, formats)).join(', ');
  const parts = Object.entries(value as Record<string, unknown>).filter(([, one]) => one !== null);
  return parts.map(([name, one]) => `${wordsOf(name).toLowerCase()} ${valueText(one, formats)}`).join(', ');
}
