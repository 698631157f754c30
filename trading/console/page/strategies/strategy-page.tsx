import { Alert, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { Profit, State, Wrong } from '../parts/words.tsx';
import { useMay } from '../sign-in/me.tsx';
import { BacktestButton } from './backtest-button.tsx';
import { StrategyButtons } from './strategy-buttons.tsx';
import { ChangeStrategy } from './keep-strategy.tsx';
import { useStrategy, type Strategy } from './strategy-queries.ts';
import { versionText, whereTo } from './strategies-page.tsx';
import { VersionsTab } from './versions-tab.tsx';

/** One strategy: how it stands, what may be done to it, its experiment and its versions. */
export function StrategyPage(): ReactNode {
  const { strategy: name = '' } = useParams({ strict: false });
  const { data, error, isPending } = useStrategy(name);
  const mayAct = useMay('sessions:act');
  const mayRun = useMay('research:run');
  return (
    <Stack>
      <Group justify="space-between">
        <Group gap="sm">
          <Title order={1} size="h3">
            {name}
          </Title>
          {data === undefined ? null : <State word={data.state} size="md" />}
        </Group>
        {data === undefined ? null : (
          <Group gap="xs">
            {mayRun ? <BacktestButton strategy={data} /> : null}
            {mayAct ? <StrategyButtons strategy={data} /> : null}
          </Group>
        )}
      </Group>
      <Wrong error={error} />
      {isPending ? <Text size="sm">Loading</Text> : null}
      {data === undefined ? null : (
        <>
          <Standing strategy={data} />
          <Tabs defaultValue="experiment" keepMounted={false}>
            <Tabs.List mb="sm">
              <Tabs.Tab value="experiment">Experiment</Tabs.Tab>
              <Tabs.Tab value="versions">Versions</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="experiment">
              <ChangeStrategy key={name} strategy={data} />
            </Tabs.Panel>
            <Tabs.Panel value="versions">
              <VersionsTab name={name} newest={data.version} />
            </Tabs.Panel>
          </Tabs>
        </>
      )}
    </Stack>
  );
}

function Standing({ strategy }: { readonly strategy: Strategy }): ReactNode {
  const formats = useFormats();
  const { state, words, session, equity, profit, lastClose, isBehind, askedBy, askedAt } = strategy;
  return (
    <Stack gap="xs">
      {state === 'failed' ? (
        <Alert color="red" title="It has failed: nobody starts it again until you do">
          <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {words}
          </Text>
        </Alert>
      ) : null}
      {isBehind ? <Alert color="yellow">An older version runs: Restart takes up the newest.</Alert> : null}
      <Group gap="xl">
        <Fact title="Orders go to">{whereTo(strategy.settings)}</Fact>
        <Fact title="Version">{versionText(strategy)}</Fact>
        <Fact title="Session">
          {session === null ? (
            'none yet'
          ) : (
            <Link className="row-link" to="/orders" search={{ session }}>
              {session}
            </Link>
          )}
        </Fact>
        <Fact title="Equity">{formats.money(equity)}</Fact>
        <Fact title="Profit">
          <Profit value={profit} />
        </Fact>
        <Fact title="Last bar">{formats.moment(lastClose)}</Fact>
        <Fact title="Last asked">{`${askedBy}, ${formats.moment(askedAt)}`}</Fact>
      </Group>
      {state === 'failed' || words === null ? null : (
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {words}
        </Text>
      )}
    </Stack>
  );
}

function Fact({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {title}
      </Text>
      <Text size="sm" component="div">
        {children}
      </Text>
    </div>
  );
}
