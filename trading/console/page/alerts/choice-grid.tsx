import { Select, Table } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Choice, Choices } from './alert-queries.ts';

interface GridProps {
  readonly label: string;
  readonly channels: readonly { readonly name: string; readonly title: string }[];
  readonly events: Choices['events'];
  readonly choices: readonly Choice[];
  readonly isFixed: boolean;
  readonly onChoose: (choice: { channel: string; type: string | null; least: string | null }) => void;
}

const LEASTS = [
  { value: 'info', label: 'all' },
  { value: 'warning', label: 'warnings and worse' },
  { value: 'critical', label: 'critical alone' },
  { value: 'none', label: 'nothing' },
];

/** From which severity on which channel is told of which event: a row an event, a column a channel. */
export function ChoiceGrid({ label, channels, events, choices, isFixed, onChoose }: GridProps): ReactNode {
  const rows = [{ type: null, words: 'every event without a choice of its own' }, ...events];
  return (
    <Table.ScrollContainer minWidth={220 + 190 * channels.length} tabIndex={0} role="region" aria-label={label}>
      <Table aria-label={label} verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Event</Table.Th>
            {channels.map(({ name, title }) => (
              <Table.Th key={name}>{title}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ type, words }) => (
            <Table.Tr key={type ?? ''}>
              <Table.Th scope="row" fw={400} title={words}>
                {type ?? <strong>All others</strong>}
              </Table.Th>
              {channels.map(({ name, title }) => (
                <Table.Td key={name}>
                  <Select
                    size="xs"
                    w={172}
                    aria-label={`${type ?? 'All others'} to ${title}`}
                    placeholder={type === null ? 'all' : 'as all others'}
                    clearable
                    disabled={isFixed}
                    data={LEASTS}
                    value={choices.find((one) => one.channel === name && one.type === type)?.least ?? null}
                    onChange={(least) => onChoose({ channel: name, type, least })}
                  />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
