import { Alert, Button, Group, Select, SimpleGrid, NumberInput, Stack, TextInput, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { Wrong } from '../parts/words.tsx';
import { Refused } from '../service/ask.ts';
import { useMay } from '../sign-in/me.tsx';
import { ExperimentEditor } from './editor/experiment-editor.tsx';
import { useKeep, type Kept, type Settings, type Strategy, type WholeStrategy } from './strategy-queries.ts';

const FIRST = `# What is traded, by which rule, and how much.
name: my-strategy
universe: [SPX]
data:
  source: sample
strategies:
  - { name: trend, kind: sma-cross, parameters: { fast: 20, slow: 100 } }
sizing:
  fraction: 0.1
capital: 100000
`;
const PLAIN: Settings = { broker: 'simulated', feed: 'replay', speed: null, foreign: 'refuse' };

/** Makes a strategy. */
export function NewStrategyPage(): ReactNode {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  return (
    <Stack>
      <Title order={1} size="h3">
        New strategy
      </Title>
      <KeepForm
        first={{ yaml: FIRST, settings: PLAIN }}
        name={name}
        onName={setName}
        from={null}
        onKept={({ name: strategy }) =>
          void navigate({ to: '/strategies/$strategy', params: { strategy }, search: (now) => now })
        }
      />
    </Stack>
  );
}

/** Shows the newest version of a strategy, and keeps another one that follows it. */
export function ChangeStrategy({ strategy }: { readonly strategy: WholeStrategy }): ReactNode {
  // What somebody else keeps meanwhile does not change what is being written here.
  const [began, setBegan] = useState(strategy);
  const isBehind = strategy.version !== began.version;
  return (
    <Stack>
      {isBehind ? (
        <Alert color="yellow" title={`Version ${strategy.version} was kept meanwhile`}>
          <Button size="xs" variant="default" onClick={() => setBegan(strategy)}>
            Show it, and forget what is written here
          </Button>
        </Alert>
      ) : null}
      <KeepForm
        key={began.version}
        first={began}
        name={strategy.name}
        from={began.version}
        onKept={({ version }, { yaml, settings }) => setBegan({ ...began, version, yaml, settings })}
      />
    </Stack>
  );
}

interface KeepProps {
  readonly first: { readonly yaml: string; readonly settings: Settings };
  readonly name: string;
  readonly onName?: (name: string) => void;
  readonly from: number | null;
  readonly onKept: (kept: Strategy, made: Kept) => void;
}

function KeepForm({ first, name, onName, from, onKept }: KeepProps): ReactNode {
  const mayKeep = useMay('research:run');
  const [yaml, setYaml] = useState(first.yaml);
  const [settings, setSettings] = useState(first.settings);
  const [reason, setReason] = useState('');
  const [isWrong, setWrong] = useState(false);
  const keep = useKeep(name, from, (kept, made) => {
    notifications.show({ title: `${kept.name}: version ${kept.version} is kept`, message: '', color: 'teal' });
    onKept(kept, made);
  });
  const isSame = from !== null && yaml === first.yaml && JSON.stringify(settings) === JSON.stringify(first.settings);
  const isOld = keep.error instanceof Refused && keep.error.code === 'not-newest';
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: onName === undefined ? 4 : 5 }} style={{ alignItems: 'end' }}>
        {onName === undefined ? null : (
          <TextInput
            label="Name of the strategy"
            description="Lower-case letters, digits, dashes"
            required
            value={name}
            onChange={(event) => onName(event.currentTarget.value)}
          />
        )}
        <SettingsFields settings={settings} onChange={setSettings} disabled={!mayKeep} />
      </SimpleGrid>
      <ExperimentEditor yaml={yaml} onChange={setYaml} onWrong={setWrong} disabled={!mayKeep} />
      {isOld ? <Alert color="yellow">{keep.error?.message}</Alert> : <Wrong error={keep.error} />}
      {mayKeep ? (
        <Group align="end">
          <TextInput
            label="Why"
            description="It is kept with the version."
            value={reason}
            maxLength={1_000}
            onChange={(event) => setReason(event.currentTarget.value)}
            style={{ flex: 1 }}
          />
          <Button
            loading={keep.isPending}
            disabled={isSame || isWrong || name === ''}
            onClick={() => keep.mutate({ yaml, settings, reason })}
          >
            {from === null ? 'Keep the strategy' : 'Keep as a new version'}
          </Button>
        </Group>
      ) : null}
    </Stack>
  );
}

interface SettingsProps {
  readonly settings: Settings;
  readonly onChange: (settings: Settings) => void;
  readonly disabled: boolean;
}

/** Where orders go, and where bars come from. */
function SettingsFields({ settings, onChange, disabled }: SettingsProps): ReactNode {
  const { broker, feed, speed, foreign } = settings;
  const isVenue = broker !== 'simulated';
  return (
    <>
      <Select
        label="Orders go to"
        description="Never real money"
        allowDeselect={false}
        disabled={disabled}
        value={broker}
        data={[
          { value: 'simulated', label: 'Simulated' },
          { value: 'alpaca', label: 'Alpaca, paper account' },
        ]}
        onChange={(value) => onChange({ ...settings, broker: value as Settings['broker'] })}
      />
      <Select
        label="Bars"
        description="Of the past again, or as they come"
        allowDeselect={false}
        disabled={disabled || isVenue}
        value={isVenue ? 'live' : feed}
        data={[
          { value: 'replay', label: 'Replay' },
          { value: 'live', label: 'Live' },
        ]}
        onChange={(value) => onChange({ ...settings, feed: value as Settings['feed'] })}
      />
      <NumberInput
        label="Speed of a replay"
        description="Event time over wall time; empty: as fast as it can"
        disabled={disabled || isVenue || feed === 'live'}
        min={0}
        value={speed ?? ''}
        onChange={(value) => onChange({ ...settings, speed: typeof value === 'number' && value > 0 ? value : null })}
      />
      <Select
        label="Positions of others"
        description="At the venue, not of its session"
        allowDeselect={false}
        disabled={disabled || !isVenue}
        value={foreign}
        data={[
          { value: 'refuse', label: 'Refuse them' },
          { value: 'adopt', label: 'Book them' },
        ]}
        onChange={(value) => onChange({ ...settings, foreign: value as Settings['foreign'] })}
      />
    </>
  );
}
