import { Alert, Group, Progress, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useChosenSession } from '../frame/chosen-session.ts';
import { NoSession } from '../frame/no-session.tsx';
import { useFormats, type Formats } from '../parts/formats.ts';
import { valueText, wordsOf } from '../parts/key-values.tsx';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { useAccounts, useThresholds } from '../service/queries.ts';
import { useMay } from '../sign-in/me.tsx';
import { ChangeLimit } from './change-limit.tsx';
import { isShare, limitRows, type LimitRow } from '../../../sessions/operators/limit-use.ts';
import { LimitsHistory } from './limits-history.tsx';

/** Limits against what is used of them, how to change one, and who did. */
export function RiskPage(): ReactNode {
  const { id } = useChosenSession();
  const mayChange = useMay('limits:change');
  const mayAudit = useMay('audit:read');
  const thresholds = useThresholds(id);
  const accounts = useAccounts(id);
  const [changed, setChanged] = useState<LimitRow | null>(null);
  if (id === undefined) return <NoSession title="Risk" />;
  const { limits = null, pending = [], killState = null } = thresholds.data ?? {};
  const rows = limits === null ? [] : limitRows(limits, accounts.data?.[0]?.ours ?? null);
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Risk
        </Title>
        {killState === null ? null : <State word={killState} size="md" />}
      </Group>
      <Wrong error={thresholds.error} />
      {pending.length === 0 ? null : (
        <Alert color="yellow" title="Changes that the session has yet to take up">
          {pending.map(({ name, before, after }) => (
            <Text size="sm" key={name}>
              {wordsOf(name)}: {String(before ?? 'none')} to {String(after ?? 'none')}
            </Text>
          ))}
        </Alert>
      )}
      <LimitsTable rows={rows} isPending={thresholds.isPending} onChange={mayChange ? setChanged : null} />
      {mayAudit ? <LimitsHistory session={id} /> : null}
      <ChangeLimit session={id} limit={changed} onClose={() => setChanged(null)} />
    </Stack>
  );
}

interface LimitsProps {
  readonly rows: readonly LimitRow[];
  readonly isPending: boolean;
  readonly onChange: ((limit: LimitRow) => void) | null;
}

function LimitsTable({ rows, isPending, onChange }: LimitsProps): ReactNode {
  const formats = useFormats();
  const columns: readonly Column<LimitRow>[] = [
    {
      title: 'Limit',
      width: 180,
      grow: 2,
      cell: (limit) =>
        onChange === null ? (
          wordsOf(limit.name)
        ) : (
          <UnstyledButton
            className="row-link"
            fz="sm"
            onClick={() => onChange(limit)}
            aria-label={`Change ${wordsOf(limit.name)}`}
          >
            {wordsOf(limit.name)}
          </UnstyledButton>
        ),
    },
    { title: 'Used', isNumber: true, width: 80, cell: ({ name, used }) => limitText(name, used, formats) },
    { title: 'Limit is', isNumber: true, width: 90, cell: ({ name, value }) => limitText(name, value, formats) },
    { title: 'Share used', width: 200, grow: 3, wide: true, cell: (limit) => <UseBar limit={limit} /> },
  ];
  return (
    <RowsTable
      label="Limits"
      columns={columns}
      rows={rows}
      keyOf={({ name }) => name}
      empty={isPending ? 'Loading' : 'No limits are on record: the session has not begun since they are.'}
      heightMax="50vh"
      {...(onChange === null ? {} : { onRow: onChange })}
    />
  );
}

function UseBar({ limit: { name, value, used } }: { readonly limit: LimitRow }): ReactNode {
  if (used === null || typeof value !== 'number' || value <= 0) return null;
  const share = Math.min(1, used / value);
  const colour = share >= 0.95 ? 'red.7' : share >= 0.75 ? 'yellow.6' : 'teal.6';
  return <Progress value={100 * share} color={colour} size="lg" aria-label={`${wordsOf(name)} used`} />;
}

export function limitText(name: string, value: unknown, formats: Formats): string {
  if (value === null) return '';
  if (typeof value === 'number' && isShare(name)) return formats.percent(value, 1);
  return valueText(value, formats);
}
