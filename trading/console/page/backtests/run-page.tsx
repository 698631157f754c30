import { Alert, Anchor, Group, List, SimpleGrid, Stack, Tabs, Text, Title } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { Figure } from '../parts/figure.tsx';
import { useFormats } from '../parts/formats.ts';
import { Profit, Wrong } from '../parts/words.tsx';
import type { Span } from './curves.tsx';
import { FiguresTable } from './figures-table.tsx';
import { ReportFrame } from './report-frame.tsx';
import { RunCurves } from './run-curves.tsx';
import { useRun, type KeptRun } from './run-queries.ts';
import { RunSettings } from './run-settings.tsx';
import { TradesTable } from './trades-table.tsx';
import { Verdict } from './verdict.tsx';

/** One run: what it was judged to be first, then what it did. */
export function RunPage(): ReactNode {
  const { run: id } = useParams({ from: '/backtests/$run' });
  const { data, error, isPending } = useRun(id);
  return (
    <Stack>
      <Group gap="sm">
        <Title order={1} size="h3" style={{ overflowWrap: 'anywhere' }}>
          {data?.id ?? id}
        </Title>
        <Verdict word={data?.result.verdict ?? null} size="md" />
        <Link to="/backtests" className="row-link">
          All runs
        </Link>
      </Group>
      <Wrong error={error} />
      {isPending ? <Text>Loading</Text> : null}
      {data === undefined ? null : <Whole key={data.id} run={data} />}
    </Stack>
  );
}

function Whole({ run }: { readonly run: KeptRun }): ReactNode {
  const [span, setSpan] = useState<Span | null>(null);
  const [tab, setTab] = useState<string | null>('result');
  const isSearch = run.kind === 'search';
  return (
    <>
      <About run={run} />
      <Judgement run={run} />
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="result">{isSearch ? 'Figures' : 'Result'}</Tabs.Tab>
          {isSearch ? null : <Tabs.Tab value="trades">Trades</Tabs.Tab>}
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
          <Tabs.Tab value="report">Report</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="result">
          <Stack>
            {isSearch ? null : <RunCurves id={run.id} span={span} onSpan={setSpan} hasMonths />}
            <FiguresTable run={run} />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="trades">
          <Stack>
            <RunCurves id={run.id} span={span} onSpan={setSpan} hasTrades />
            <TradesTable run={run} onTrade={setSpan} />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <RunSettings run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="report">
          <ReportFrame id={run.id} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function About({ run }: { readonly run: KeptRun }): ReactNode {
  const formats = useFormats();
  const { experiment, strategy, bars, from, to } = run.result;
  const title = run.data === null ? '' : `${run.data.title}, `;
  return (
    <Text size="sm" c="dimmed">
      {run.kind} of {experiment ?? strategy}: {title}
      {formats.number(bars, 0)} bars, {from.slice(0, 10)} to {to.slice(0, 10)}, made {formats.moment(run.kept)}
      {run.data?.simulated === true ? '. The data are simulated: nothing of it was traded anywhere.' : ''}
    </Text>
  );
}

/** Sentences that are shown before one asks for all of them. */
const REASONS_SHOWN = 3;

/** What the figures are worth, before any of them. */
function Judgement({ run: { result } }: { readonly run: KeptRun }): ReactNode {
  const formats = useFormats();
  const [isWhole, setWhole] = useState(false);
  const { reasons = [], excess = {}, trials } = result;
  const ofExcess = (name: string): number | null => (typeof excess[name] === 'number' ? excess[name] : null);
  const interval = (excess['interval'] ?? null) as { readonly low: number; readonly high: number } | null;
  const shown = isWhole ? reasons : reasons.slice(0, REASONS_SHOWN);
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
        <Figure
          title="Deflated Sharpe, in excess"
          note={`probability, after ${formats.exact(trials)} ${trials === 1 ? 'trial' : 'trials'}; 0.95 is evidence`}
        >
          {formats.number(ofExcess('deflatedSharpe'))}
        </Figure>
        <Figure
          title="Return in excess, a year"
          note={
            interval === null
              ? 'over buy-and-hold of the same exposure'
              : `95 % between ${formats.percent(interval.low, 2)} and ${formats.percent(interval.high, 2)}`
          }
        >
          <Profit percent value={ofExcess('annualReturn')} />
        </Figure>
        <Figure title="Total return" note={`Sharpe ratio ${formats.number(result.sharpe)}`}>
          <Profit percent value={result.totalReturn} />
        </Figure>
        <Figure title="Deepest drawdown" note="from a peak, marked at closes">
          {formats.percent(result.maxDrawdown)}
        </Figure>
        <Figure title="Trades" note="30 are the least for evidence">
          {formats.exact(result.trades)}
        </Figure>
      </SimpleGrid>
      {reasons.length === 0 ? null : (
        <Alert variant="default" title="What to know before the figures" role="note">
          <List size="sm" spacing={2}>
            {shown.map((reason) => (
              <List.Item key={reason} style={{ overflowWrap: 'anywhere' }}>
                {reason}
              </List.Item>
            ))}
          </List>
          {reasons.length > REASONS_SHOWN ? (
            <Anchor component="button" size="sm" mt={4} onClick={() => setWhole(!isWhole)}>
              {isWhole ? 'Fewer' : `All ${reasons.length}`}
            </Anchor>
          ) : null}
        </Alert>
      )}
    </Stack>
  );
}
