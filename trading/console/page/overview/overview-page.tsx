import { Group, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useFormats, type Formats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Profit, State, Wrong } from '../parts/words.tsx';
import { useAccounts, useSessions } from '../service/queries.ts';
import type { Account, Session } from '../service/shapes.ts';
import { EquityPanel } from './equity-panel.tsx';
import { Sums } from './sums.tsx';
import type { OverviewRow } from './sums-of.ts';

/** All that trades, and what it comes to. */
export function OverviewPage(): ReactNode {
  const sessions = useSessions();
  const accounts = useAccounts();
  const bySession = new Map((accounts.data ?? []).map((account) => [account.session, account]));
  const rows = (sessions.data ?? []).map((session) => ({ session, account: bySession.get(session.session) }));
  return (
    <Stack>
      <Title order={1} size="h3">
        Overview
      </Title>
      <Wrong error={sessions.error ?? accounts.error} />
      <Sums rows={rows} />
      <EquityPanel />
      <SessionsTable rows={rows} isLoading={sessions.isPending} />
      <StrategiesTable rows={rows} />
    </Stack>
  );
}

function SessionsTable({
  rows,
  isLoading,
}: {
  readonly rows: readonly OverviewRow[];
  readonly isLoading: boolean;
}): ReactNode {
  const formats = useFormats();
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        Sessions
      </Title>
      <RowsTable
        label="Sessions"
        columns={sessionColumns(formats)}
        rows={rows}
        keyOf={({ session }) => session.session}
        empty={isLoading ? 'Loading' : 'No session yet. Begin one: signalbox paper EXPERIMENT.'}
        heightMax="46vh"
      />
    </section>
  );
}

function sessionColumns(formats: Formats): readonly Column<OverviewRow>[] {
  return [
    {
      title: 'Session',
      width: 104,
      grow: 2,
      cell: ({ session: { session } }) => (
        <Link to="/orders" search={{ session }} className="row-link" title={session}>
          {session}
        </Link>
      ),
    },
    { title: 'Mode', width: 86, wide: true, cell: ({ session }) => <State word={session.mode} /> },
    { title: 'State', width: 102, cell: ({ session }) => <SessionState session={session} /> },
    {
      title: 'Equity',
      width: 132,
      isNumber: true,
      cell: ({ session, account }) => (
        <>
          {formats.money(account?.ours?.equity ?? session.equity)}{' '}
          <Text span size="xs" c="dimmed">
            {account?.currency ?? ''}
          </Text>
        </>
      ),
    },
    { title: 'Day', width: 92, isNumber: true, cell: ({ account }) => <Profit value={account?.ours?.dayPnl} /> },
    {
      title: 'Day',
      unit: '%',
      width: 82,
      isNumber: true,
      wide: true,
      cell: ({ account }) => <Profit percent value={account?.ours?.dayReturn} />,
    },
    {
      title: 'Since start',
      width: 106,
      isNumber: true,
      wide: true,
      cell: ({ session, account }) => <Profit value={sinceStart(session, account)} />,
    },
    {
      title: 'Exposure',
      unit: '%',
      width: 112,
      isNumber: true,
      wide: true,
      cell: ({ account }) => formats.percent(exposureOf(account)),
    },
    {
      title: 'Positions',
      width: 98,
      isNumber: true,
      wide: true,
      cell: ({ session }) => Object.keys(session.positions ?? {}).length,
    },
    { title: 'Last bar', width: 176, wide: true, cell: ({ session }) => formats.moment(session.lastClose) },
  ];
}

/** Whether it runs, and whether it is held back. */
export function SessionState({
  session: { state, killState },
}: {
  readonly session: Pick<Session, 'state' | 'killState'>;
}): ReactNode {
  const isHeld = state !== 'ended' && killState !== null && killState !== 'run';
  return <State word={isHeld ? killState : state} />;
}

function sinceStart(session: Session, account: Account | undefined): number | null {
  const equity = account?.ours?.equity ?? session.equity;
  return equity === null ? null : equity - session.capital;
}

function exposureOf(account: Account | undefined): number | null {
  const { gross, equity } = account?.ours ?? { gross: 0, equity: 0 };
  return equity > 0 ? gross / equity : null;
}

interface StrategyRow {
  readonly session: string;
  readonly name: string;
  readonly gross: number;
  readonly net: number;
  readonly share: number | null;
}

function StrategiesTable({ rows }: { readonly rows: readonly OverviewRow[] }): ReactNode {
  const formats = useFormats();
  const strategies = rows
    .filter(({ session }) => session.state === 'running')
    .flatMap(({ account }) =>
      (account?.ours?.strategies ?? []).map((one): StrategyRow => ({ session: account!.session, ...one })),
    );
  if (strategies.length === 0) return null;
  const columns: readonly Column<StrategyRow>[] = [
    { title: 'Strategy', width: 140, grow: 2, cell: ({ name }) => name },
    { title: 'Session', width: 140, grow: 2, wide: true, cell: ({ session }) => session },
    { title: 'Gross', width: 110, isNumber: true, cell: ({ gross }) => formats.money(gross) },
    { title: 'Net', width: 110, isNumber: true, cell: ({ net }) => formats.money(net) },
    { title: 'Share', unit: '% of equity', width: 130, isNumber: true, cell: ({ share }) => formats.percent(share) },
  ];
  return (
    <section>
      <Group mb="xs">
        <Title order={2} size="h5">
          Exposure by strategy
        </Title>
      </Group>
      <RowsTable
        label="Exposure by strategy"
        columns={columns}
        rows={strategies}
        keyOf={({ session, name }) => `${session} ${name}`}
        empty="None"
        heightMax="30vh"
      />
    </section>
  );
}
