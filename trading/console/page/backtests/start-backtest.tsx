import { Button, Group, Modal, NumberInput, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import { useExperiments, type Job } from './run-queries.ts';

interface StartProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Asks for a backtest or walk-forward of an experiment. */
export function StartBacktest({ isOpen, onClose }: StartProps): ReactNode {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title="Start a backtest"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {isOpen ? <StartForm onClose={onClose} /> : null}
    </Modal>
  );
}

interface Wanted {
  readonly experiment: string | null;
  readonly command: string;
  readonly startDate: string;
  readonly endDate: string;
  readonly initialCapital: number | string;
}

const BLANK: Wanted = { experiment: null, command: 'backtest', startDate: '', endDate: '', initialCapital: '' };

function useStart(wanted: Wanted, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => {
      const given = Object.entries(wanted).filter(([, value]) => value !== '' && value !== null);
      return ask<Job>('POST', '/api/v1/backtest/experiment', { body: Object.fromEntries(given) });
    },
    onSuccess: async () => {
      onDone();
      await queries.invalidateQueries({ queryKey: ['jobs'] });
    },
  });
}

function StartForm({ onClose }: Pick<StartProps, 'onClose'>): ReactNode {
  const [wanted, setWanted] = useState(BLANK);
  const { data: experiments = [] } = useExperiments();
  const start = useStart(wanted, onClose);
  const set = (change: Partial<Wanted>): void => setWanted({ ...wanted, ...change });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate();
      }}
    >
      <Stack>
        <Select
          label="Experiment"
          required
          searchable
          data-autofocus
          data={experiments
            .filter(({ mistake }) => mistake === null)
            .map(({ asked, trades }) => ({ value: nameOf(asked), label: `${nameOf(asked)}: ${trades ?? ''}` }))}
          value={wanted.experiment}
          onChange={(experiment) => set({ experiment })}
        />
        <SegmentedControl
          aria-label="What is done"
          data={[
            { value: 'backtest', label: 'Backtest' },
            { value: 'walk-forward', label: 'Walk forward' },
          ]}
          value={wanted.command}
          onChange={(command) => set({ command })}
        />
        <Text size="xs" c="dimmed">
          What is left empty is as the experiment has it. Every run counts as a trial on its data.
        </Text>
        <Changes wanted={wanted} onChange={set} />
        <Wrong error={start.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" loading={start.isPending} disabled={wanted.experiment === null}>
            Start it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What is not as the experiment has it. */
function Changes({
  wanted,
  onChange,
}: {
  readonly wanted: Wanted;
  readonly onChange: (change: Partial<Wanted>) => void;
}): ReactNode {
  return (
    <>
      <Group grow>
        <TextInput
          type="date"
          label="First day"
          value={wanted.startDate}
          onChange={(event) => onChange({ startDate: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label="Last day"
          value={wanted.endDate}
          onChange={(event) => onChange({ endDate: event.currentTarget.value })}
        />
      </Group>
      <NumberInput
        label="Capital"
        description="In the currency of the account"
        min={1}
        thousandSeparator=","
        value={wanted.initialCapital}
        onChange={(initialCapital) => onChange({ initialCapital })}
      />
    </>
  );
}

/** Files of the folder of the service go by their names too. */
const nameOf = (asked: string): string => asked.replace(/\.ya?ml$/, '');
