import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import { Wrong } from '../parts/words.tsx';
import { useAct, type Action, type Strategy } from './strategy-queries.ts';

const DEEDS: Readonly<Record<Action, { readonly title: string; readonly does: string; readonly colour: string }>> = {
  start: { title: 'Start', does: 'Its session begins, or goes on where it was stopped.', colour: 'teal.9' },
  pause: { title: 'Pause', does: 'Nothing opens from now on. Exits and their orders go on.', colour: 'yellow.9' },
  resume: { title: 'Resume', does: 'It may open positions again.', colour: 'teal.9' },
  restart: { title: 'Restart', does: 'Its session ends, and one of the newest version begins.', colour: 'blue.9' },
  stop: { title: 'Stop', does: 'Its session ends between two bars. Positions and orders are kept.', colour: 'red.9' },
};

/** What may be done to a strategy as it stands. */
function actionsFor({ desired, state }: Pick<Strategy, 'desired' | 'state'>): readonly Action[] {
  if (desired === 'stopped') return ['start'];
  if (state === 'ended' || state === 'failed') return ['start', 'stop'];
  if (desired === 'paused') return ['resume', 'restart', 'stop'];
  return state === 'halted' ? ['resume', 'restart', 'stop'] : ['pause', 'restart', 'stop'];
}

/** Starts, pauses and stops a strategy, each after a confirmation. */
export function StrategyButtons({ strategy }: { readonly strategy: Strategy }): ReactNode {
  const [asked, setAsked] = useState<Action | null>(null);
  return (
    <Group gap="xs">
      {actionsFor(strategy).map((action) => (
        <Button
          key={action}
          size="xs"
          variant={action === 'start' || action === 'resume' ? 'filled' : 'default'}
          color={DEEDS[action].colour}
          onClick={() => setAsked(action)}
        >
          {DEEDS[action].title}
        </Button>
      ))}
      <Modal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={asked === null ? '' : `${DEEDS[asked].title} ${strategy.name}`}
        centered
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {asked === null ? null : <Confirm strategy={strategy} action={asked} onClose={() => setAsked(null)} />}
      </Modal>
    </Group>
  );
}

interface ConfirmProps {
  readonly strategy: Strategy;
  readonly action: Action;
  readonly onClose: () => void;
}

function Confirm({ strategy, action, onClose }: ConfirmProps): ReactNode {
  const [reason, setReason] = useState('');
  const { title, does, colour } = DEEDS[action];
  const act = useAct(strategy.name, () => {
    notifications.show({ title: `${title}: ${strategy.name}`, message: 'It is being done.', color: 'teal' });
    onClose();
  });
  return (
    <Stack>
      <Text size="sm">{does}</Text>
      <Textarea
        label="Why"
        description="It is recorded with your name."
        value={reason}
        maxLength={1_000}
        autosize
        minRows={1}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
      <Wrong error={act.error} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Back
        </Button>
        <Button color={colour} loading={act.isPending} onClick={() => act.mutate({ action, reason })}>
          {title} it
        </Button>
      </Group>
    </Stack>
  );
}
