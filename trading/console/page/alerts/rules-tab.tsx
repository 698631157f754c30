import { Button, Group, Menu, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { useMay } from '../sign-in/me.tsx';
import { useAlertChange, useRules, type Rule, type Tried } from './alert-queries.ts';
import { RuleDialog } from './rule-dialog.tsx';
import { showTried } from './show-tried.ts';
import { spanText } from '../../../../infra/alerts/rules/span-text.ts';
import { boundText } from './rule-texts.ts';

/** When something that is measured is an alert: the rules that come with the program, and own ones. */
export function RulesTab(): ReactNode {
  const { data, error, isPending } = useRules();
  const may = useMay('alerts:answer');
  const [edited, setEdited] = useState<Rule | 'new' | null>(null);
  const metrics = data?.metrics ?? [];
  const columns: readonly Column<Rule>[] = [
    { title: 'Rule', width: 176, grow: 2, cell: ({ name }) => <strong>{name}</strong> },
    { title: 'Severity', width: 100, cell: ({ severity, enabled }) => <State word={enabled ? severity : 'off'} /> },
    { title: 'It is one', width: 210, grow: 4, cell: (rule) => boundText(rule, metrics) },
    { title: 'For', width: 70, wide: true, cell: ({ forSeconds }) => spanText(forSeconds) },
    { title: 'Session', width: 110, grow: 1, wide: true, cell: ({ session }) => session ?? 'any' },
    { title: 'Told to', width: 120, grow: 1, wide: true, cell: ({ channels }) => channels?.join(', ') ?? 'as usual' },
    { title: 'Made by', width: 110, wide: true, cell: ({ madeBy }) => madeBy ?? 'as it comes' },
    ...(may ? [{ title: 'Change', width: 100, cell: changeCell(setEdited) }] : []),
  ];
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          The service measures every two seconds. Halts, breakers and the like are alerts without a rule.
        </Text>
        {may ? (
          <Button size="xs" onClick={() => setEdited('new')}>
            Make a rule
          </Button>
        ) : null}
      </Group>
      <Wrong error={error} />
      <RowsTable
        label="Rules"
        columns={columns}
        rows={data?.rules ?? []}
        keyOf={({ name }) => name}
        empty={isPending ? 'Loading' : 'No rule.'}
      />
      <RuleDialog rule={edited} metrics={metrics} onClose={() => setEdited(null)} />
    </Stack>
  );
}

const changeCell = (onEdit: (rule: Rule) => void) =>
  function ChangeCell(rule: Rule): ReactNode {
    return <RuleMenu rule={rule} onEdit={() => onEdit(rule)} />;
  };

function RuleMenu({ rule, onEdit }: { readonly rule: Rule; readonly onEdit: () => void }): ReactNode {
  const { name, builtIn, madeBy } = rule;
  const path = `rules/${encodeURIComponent(name)}`;
  const refused = (message: string): unknown =>
    notifications.show({ title: `${name} was not changed`, message, color: 'red' });
  const remove = useAlertChange();
  const test = useAlertChange<{ channels: Tried[] }>(({ channels }) => showTried(channels));
  const onError = ({ message }: Error): unknown => refused(message);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="compact-xs" variant="default" aria-label={`Change ${name}`}>
          Change
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onEdit}>Threshold, severity, channels</Menu.Item>
        <Menu.Item onClick={() => test.mutate({ method: 'POST', path: `${path}/test` }, { onError })}>
          Send a test
        </Menu.Item>
        <Menu.Item disabled={madeBy === null} onClick={() => remove.mutate({ method: 'DELETE', path }, { onError })}>
          {builtIn ? 'As it comes' : 'Remove'}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
