import { Alert, Badge, Text, type MantineColor } from '@mantine/core';
import type { ReactNode } from 'react';
import { Refused } from '../service/ask.ts';
import { useFormats } from './formats.ts';

/** What went wrong, with what a person who is asked about it needs. */
export function Wrong({ error }: { readonly error: unknown }): ReactNode {
  if (error === null || error === undefined) return null;
  const words = error instanceof Error ? error.message : String(error);
  const id = error instanceof Refused ? error.correlationId : null;
  return (
    <Alert color="red" variant="light" role="alert" title="That was not done">
      <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
        {words}
      </Text>
      {id === null ? null : (
        <Text size="xs" c="dimmed">
          Correlation id {id}
        </Text>
      )}
    </Alert>
  );
}

/** A profit or loss: its sign says which, its colour says it again. */
export function Profit({
  value,
  percent = false,
}: {
  readonly value: number | null | undefined;
  readonly percent?: boolean;
}): ReactNode {
  const formats = useFormats();
  const colour =
    value === null || value === undefined || value === 0 ? undefined : value > 0 ? 'var(--gain)' : 'var(--loss)';
  return <span style={{ color: colour }}>{percent ? formats.percent(value, 2, true) : formats.profit(value)}</span>;
}

const COLOURS: Readonly<Record<string, MantineColor>> = {
  running: 'teal',
  stopped: 'gray',
  ended: 'gray',
  run: 'teal',
  halt: 'yellow',
  reduce: 'yellow',
  flatten: 'orange',
  stop: 'red',
  'stop-flatten': 'red',
  live: 'red',
  paper: 'blue',
  backtest: 'gray',
  FILLED: 'teal',
  PARTIALLY_FILLED: 'cyan',
  ACCEPTED: 'blue',
  SUBMITTED: 'blue',
  REJECTED: 'red',
  DENIED: 'red',
  UNKNOWN: 'red',
  LOST: 'red',
  critical: 'red',
  warning: 'yellow',
  info: 'blue',
  starting: 'blue',
  waiting: 'blue',
  restarting: 'blue',
  stopping: 'gray',
  halted: 'yellow',
  pausing: 'yellow',
  paused: 'yellow',
  failed: 'red',
  champion: 'teal',
  challenger: 'blue',
  done: 'teal',
  error: 'red',
  ok: 'teal',
  failing: 'red',
  lost: 'red',
  evidence: 'teal',
  weak: 'yellow',
  expired: 'yellow',
  closed: 'teal',
  open: 'red',
};

/** What a session is told, as what it then is. */
const WORDS: Readonly<Record<string, string>> = {
  run: 'trading',
  halt: 'halted',
  reduce: 'only reducing',
  flatten: 'flattened',
  stop: 'emergency stop',
  'stop-flatten': 'emergency flatten',
};

/** One word in a colour that says it again. */
export function State({ word, size = 'sm' }: { readonly word: string; readonly size?: string }): ReactNode {
  return (
    <Badge
      color={COLOURS[word] ?? 'gray'}
      variant="default"
      size={size}
      radius="sm"
      leftSection={<Dot colour={COLOURS[word] ?? 'gray'} />}
      tt="none"
    >
      {WORDS[word] ?? word.toLowerCase().replaceAll('_', ' ')}
    </Badge>
  );
}

function Dot({ colour }: { readonly colour: MantineColor }): ReactNode {
  const background = `var(--mantine-color-${colour}-6)`;
  return (
    <span aria-hidden="true" style={{ width: 8, height: 8, borderRadius: 4, background, display: 'inline-block' }} />
  );
}

export function Side({ side }: { readonly side: string }): ReactNode {
  const isBuy = side.toLowerCase() === 'buy';
  return (
    <span style={{ color: isBuy ? 'var(--gain)' : 'var(--loss)', fontWeight: 600 }}>{isBuy ? 'Buy' : 'Sell'}</span>
  );
}
