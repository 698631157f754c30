import { Alert, Button, Group, Modal, Radio, Select, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import { useMay } from '../sign-in/me.tsx';
import { useChosenSession } from './chosen-session.ts';

type Word = 'halt' | 'reduce' | 'flatten' | 'emergency-stop' | 'emergency-flatten';

const WORDS: readonly { readonly word: Word; readonly title: string; readonly does: string }[] = [
  { word: 'emergency-stop', title: 'Emergency stop', does: 'Cancels every order, then only observes. Positions stay.' },
  { word: 'emergency-flatten', title: 'Emergency flatten', does: 'Closes every position, then only observes.' },
  { word: 'flatten', title: 'Flatten', does: 'Closes every position and opens nothing until resumed.' },
  { word: 'halt', title: 'Halt', does: 'Opens nothing until resumed. Positions and their stops stay.' },
  { word: 'reduce', title: 'Only reduce', does: 'Cancels what would open, and lets positions only become smaller.' },
];
const ALL = '*';

interface Told {
  readonly command: string;
  readonly sessions: readonly string[];
  readonly waiting: readonly string[];
}

export interface StopAsked {
  /** The session that is meant; all that run where there is none. */
  readonly session?: string;
  readonly word?: Word;
}

/** Stops one session or all, after a confirmation. It can be opened from everywhere. */
export function StopDialog({
  asked,
  onClose,
}: {
  readonly asked: StopAsked | null;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Modal
      opened={asked !== null}
      onClose={onClose}
      title="Stop trading"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {asked === null ? null : <StopForm asked={asked} onClose={onClose} />}
    </Modal>
  );
}

function StopForm({ asked, onClose }: { readonly asked: StopAsked; readonly onClose: () => void }): ReactNode {
  const mayEmergency = useMay('sessions:emergency');
  const { sessions } = useChosenSession();
  const running = sessions.filter(({ state }) => state === 'running');
  const [scope, setScope] = useState(asked.session ?? ALL);
  const [word, setWord] = useState<Word>(asked.word ?? (mayEmergency ? 'emergency-stop' : 'halt'));
  const [reason, setReason] = useState('');
  const stop = useStop(onClose);
  const words = WORDS.filter((one) => mayEmergency || !one.word.startsWith('emergency'));
  const chosen = words.find((one) => one.word === word) ?? words[0]!;
  const whom = scope === ALL ? (running.length === 1 ? running[0]!.session : `all ${running.length} that run`) : scope;
  const takers = sessions.filter(({ state }) => state !== 'ended').map(({ session }) => session);
  return (
    <Stack>
      <Select
        label="Which sessions"
        allowDeselect={false}
        searchable
        value={scope}
        onChange={(value) => setScope(value ?? ALL)}
        data={[{ value: ALL, label: `All that run (${running.length})` }, ...takers]}
      />
      <Radio.Group label="What they do" value={word} onChange={(value) => setWord(value as Word)}>
        <Stack gap="xs" mt={4}>
          {words.map((one) => (
            <Radio key={one.word} value={one.word} label={one.title} description={one.does} />
          ))}
        </Stack>
      </Radio.Group>
      <Textarea
        label="Why"
        description="It is recorded with your name."
        value={reason}
        maxLength={1_000}
        autosize
        minRows={1}
        onChange={(e) => setReason(e.currentTarget.value)}
      />
      {running.length === 0 && scope === ALL ? <Alert color="gray">No session is running.</Alert> : null}
      <Wrong error={stop.error} />
      <Group justify="space-between">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {chosen.title}: {whom}
        </Text>
        <Group gap="xs" wrap="nowrap">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button
            color="red.9"
            loading={stop.isPending}
            onClick={() => stop.mutate({ scope, word: chosen.word, reason })}
          >
            {chosen.title}
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

function useStop(onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ scope, word, reason }: { scope: string; word: Word; reason: string }) => {
      const path = scope === ALL ? `/api/v1/actions/${word}` : `/api/v1/sessions/${encodeURIComponent(scope)}/${word}`;
      return ask<Told>('POST', path, { body: { reason } });
    },
    onSuccess: async ({ command, sessions, waiting }) => {
      const late = waiting.length === 0 ? '' : ` ${waiting.join(', ')} will once going on.`;
      notifications.show({ title: `Told: ${command}`, message: `${sessions.join(', ')}.${late}`, color: 'teal' });
      onDone();
      await queries.invalidateQueries();
    },
  });
}
