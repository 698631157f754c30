import { Button, Checkbox, Group, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Profit, Wrong } from '../parts/words.tsx';
import { useMay } from '../sign-in/me.tsx';
import { JobsList } from './jobs-list.tsx';
import { useRuns, type Run, type RunsAsked } from './run-queries.ts';
import { StartBacktest } from './start-backtest.tsx';
import { Verdict } from './verdict.tsx';

/** Runs that can stand side by side. */
const COMPARED_MAX = 5;

/** Every run that was kept, what is being run, and a way to start one. */
export function RunsPage(): ReactNode {
  const mayRun = useMay('research:run');
  const navigate = useNavigate();
  const [isStarting, setStarting] = useState(false);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const toggle = (id: string): void =>
    setChosen((before) => (before.includes(id) ? before.filter((one) => one !== id) : [...before, id]));
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Backtests
        </Title>
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            disabled={chosen.length < 2 || chosen.length > COMPARED_MAX}
            onClick={() => void navigate({ to: '/backtests/compare', search: { ids: chosen.join(',') } })}
          >
            {chosen.length < 2 ? `Compare 2 to ${COMPARED_MAX}` : `Compare ${chosen.length}`}
          </Button>
          {mayRun ? (
            <Button size="xs" onClick={() => setStarting(true)}>
              Start a backtest
            </Button>
          ) : null}
        </Group>
      </Group>
      <JobsList />
      <RunsTable chosen={chosen} onToggle={toggle} />
      <StartBacktest isOpen={isStarting} onClose={() => setStarting(false)} />
    </Stack>
  );
}

const KINDS = ['experiment', 'rules', 'walk-forward', 'search'];
const VERDICTS = [
  { value: 'evidence', label: 'evidence' },
  { value: 'weak', label: 'weak' },
  { value: 'none', label: 'no evidence' },
];

interface TableProps {
  readonly chosen: readonly string[];
  readonly onToggle: (id: string) => void;
}

function RunsTable({ chosen, onToggle }: TableProps): ReactNode {
  const [asked, setAsked] = useState<RunsAsked>({});
  const [typed, setTyped] = useState('');
  const [words] = useDebouncedValue(typed.trim().toLowerCase(), 200);
  const { data, error, isPending } = useRuns(asked);
  const rows = (data?.runs ?? []).filter(
    ({ id, name }) => words === '' || `${id} ${name ?? ''}`.toLowerCase().includes(words),
  );
  const isFiltered = words !== '' || Object.values(asked).some((one) => one !== undefined);
  return (
    <section>
      <Filters asked={asked} onAsked={setAsked} typed={typed} onTyped={setTyped} />
      <Wrong error={error} />
      <RowsTable
        label="Runs"
        columns={useColumns(chosen, onToggle)}
        rows={rows}
        keyOf={({ id }) => id}
        empty={isPending ? 'Loading' : isFiltered ? 'No run is like that.' : 'No run is kept yet: start a backtest.'}
        heightMax="62vh"
      />
      <Text size="xs" c="dimmed" mt={6} role="status">
        {rows.length} {rows.length === 1 ? 'run' : 'runs'}
        {(data?.unread.length ?? 0) > 0 ? `; not readable: ${data!.unread.join(' ')}` : ''}
      </Text>
    </section>
  );
}

interface FilterProps {
  readonly asked: RunsAsked;
  readonly onAsked: (asked: RunsAsked) => void;
  readonly typed: string;
  readonly onTyped: (typed: string) => void;
}

function Filters({ asked, onAsked, typed, onTyped }: FilterProps): ReactNode {
  const set = (name: keyof RunsAsked) => (value: string | null) =>
    onAsked({ ...asked, [name]: value === null || value === '' ? undefined : value });
  return (
    <Group gap="xs" mb="xs" align="flex-end">
      <TextInput
        size="xs"
        w={180}
        label="Experiment or run"
        placeholder="Any"
        value={typed}
        onChange={(event) => onTyped(event.currentTarget.value)}
      />
      <Select size="xs" w={130} label="Kind" placeholder="Any" clearable data={KINDS} onChange={set('kind')} />
      <Select size="xs" w={130} label="Verdict" placeholder="Any" clearable data={VERDICTS} onChange={set('verdict')} />
      <DayInput label="Made from" onDay={set('since')} />
      <DayInput label="to" onDay={set('until')} />
    </Group>
  );
}

function DayInput({ label, onDay }: { readonly label: string; readonly onDay: (day: string) => void }): ReactNode {
  return (
    <TextInput size="xs" w={140} type="date" label={label} onChange={(event) => onDay(event.currentTarget.value)} />
  );
}

function useColumns(chosen: readonly string[], onToggle: (id: string) => void): readonly Column<Run>[] {
  const formats = useFormats();
  const day = (iso: string | null): string => iso?.slice(0, 10) ?? '–';
  return [
    {
      title: '',
      width: 40,
      grow: 0,
      cell: ({ id, kind }) => (
        <Checkbox
          size="xs"
          aria-label={`Compare ${id}`}
          disabled={kind === 'search'}
          checked={chosen.includes(id)}
          onChange={() => onToggle(id)}
        />
      ),
    },
    {
      title: 'Run',
      width: 170,
      grow: 4,
      cell: ({ id }) => (
        <Link to="/backtests/$run" params={{ run: id }} className="row-link" title={id}>
          {id}
        </Link>
      ),
    },
    { title: 'Verdict', width: 120, cell: ({ verdict }) => <Verdict word={verdict} /> },
    {
      title: 'Own deflated Sharpe',
      width: 194,
      isNumber: true,
      wide: true,
      cell: ({ deflatedSharpe }) => formats.number(deflatedSharpe),
    },
    { title: 'Trials', width: 70, isNumber: true, wide: true, cell: ({ trials }) => formats.exact(trials) },
    {
      title: 'Return',
      unit: '%',
      width: 100,
      isNumber: true,
      cell: (run) => <Profit percent value={run.totalReturn} />,
    },
    { title: 'Sharpe', width: 76, isNumber: true, wide: true, cell: ({ sharpe }) => formats.number(sharpe) },
    {
      title: 'Drawdown',
      unit: '%',
      width: 122,
      isNumber: true,
      wide: true,
      cell: ({ maxDrawdown }) => formats.percent(maxDrawdown),
    },
    { title: 'Trades', width: 76, isNumber: true, wide: true, cell: ({ trades }) => formats.exact(trades) },
    { title: 'Kind', width: 108, wide: true, cell: ({ kind }) => kind },
    { title: 'Bars', width: 176, wide: true, cell: ({ from, to }) => `${day(from)} – ${day(to)}` },
    { title: 'Made', width: 170, wide: true, cell: ({ made }) => formats.moment(made) },
  ];
}
