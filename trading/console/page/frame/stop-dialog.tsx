import { Alert, Button, Group, Radio, Select, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Choice, Dialog, Reason } from '../parts/dialog.tsx';
import { Wrong } from '../parts/words.tsx';
import { useDeed } from '../service/deed.ts';
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
    <Dialog title="Stop trading" isOpen={asked !== null} onClose={onClose}>
      {asked === null ? null : <StopForm asked={asked} onClose={onClose} />}
    </Dialog>
  );
}

function StopForm({ asked, onClose }: { readonly asked: StopAsked; readonly onClose: () => void }): ReactNode {
  const mayEmergency = useMay('sessions:emergency');
  const { sessions } = useChosenSession();
  const running = sessions.filter(({ state }) => state === 'running');
  const [scope, setScope] = useState(asked.session ?? ALL);
  const [word, setWord] = useState<Word>(asked.word ?? (mayEmergency ? 'emergency-stop' : 'halt'));
  const [reason, setReason] = useState('');
  const stop = useDeed<Told>({ said: wordsOf, onDone: onClose });
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
      <Reason value={reason} onChange={setReason} />
      {running.length === 0 && scope === ALL ? <Alert color="gray">No session is running.</Alert> : null}
      <Wrong error={stop.error} />
      <Group justify="space-between">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {chosen.title}: {whom}
        </Text>
        <Choice onBack={onClose}>
          <Button
            color="red.9"
            loading={stop.isPending}
            onClick={() => stop.mutate({ method: 'POST', path: pathOf(scope, chosen.word), body: { reason } })}
          >
            {chosen.title}
          </Button>
        </Choice>
      </Group>
    </Stack>
  );
}

const pathOf = (scope: string, word: Word): string =>
  scope === ALL ? `/api/v1/actions/${word}` : `/api/v1/sessions/${encodeURIComponent(scope)}/${word}`;

function wordsOf({ command, sessions, waiting }: Told): { title: string; message: string } {
  const late = waiting.length === 0 ? '' : ` ${waiting.join(', ')} will once going on.`;
  return { title: `Told: ${command}`, message: `${sessions.join(', ')}.${late}` };
}
