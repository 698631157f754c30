import { Button, Drawer, Group, Loader, Stack, Text, Timeline } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { KeyValues } from '../parts/key-values.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { useTrail } from '../service/queries.ts';
import { CancelOrder } from './cancel-order.tsx';

interface TrailProps {
  readonly session: string;
  readonly order: number | null;
  readonly onClose: () => void;
}

type Part = Readonly<Record<string, unknown>>;

/** The life of an order, from the bar it rests on to its fills and whoever had a hand in it. */
export function OrderTrail({ session, order, onClose }: TrailProps): ReactNode {
  return (
    <Drawer
      opened={order !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={order === null ? '' : `Life of order ${order}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {order === null ? null : <Trail session={session} order={order} onClose={onClose} />}
    </Drawer>
  );
}

function Trail({ session, order, onClose }: TrailProps & { readonly order: number }): ReactNode {
  const formats = useFormats();
  const { data, error } = useTrail(session, order);
  if (error !== null) return <Wrong error={error} />;
  if (data === undefined) return <Loader aria-label="Loading" />;
  const placed = data['order'] as Part;
  return (
    <Stack>
      <Group justify="space-between">
        <Group gap="xs">
          <State word={textOf(placed['state'])} />
          <Text size="sm">
            {textOf(placed['side'])} {formats.exact(Math.abs(Number(placed['quantity'])))} {textOf(placed['symbol'])}
          </Text>
        </Group>
        <CancelOrder session={session} order={order} state={textOf(placed['state'])} />
      </Group>
      <Timeline bulletSize={14} lineWidth={2} active={99} color="cyan.8">
        {STEPS.map(({ part, title }) => (
          <Timeline.Item key={part} title={title}>
            <Step part={part} value={data[part]} />
          </Timeline.Item>
        ))}
      </Timeline>
      <Button variant="default" onClick={onClose}>
        Close
      </Button>
    </Stack>
  );
}

const STEPS = [
  { part: 'bar', title: 'The bar it was decided on' },
  { part: 'features', title: 'What the model was shown' },
  { part: 'model', title: 'Model' },
  { part: 'signal', title: 'Signal' },
  { part: 'risk', title: 'Risk' },
  { part: 'order', title: 'Order' },
  { part: 'requests', title: 'What was sent to the venue, and its answers' },
  { part: 'venue', title: 'What the venue told' },
  { part: 'amendments', title: 'Changes' },
  { part: 'fills', title: 'Fills' },
  { part: 'audit', title: 'Who had a hand in the session until then' },
] as const;

/** A part of the trail: a value, several of them, or why it is not there. */
function Step({ part, value }: { readonly part: string; readonly value: unknown }): ReactNode {
  const formats = useFormats();
  if (value === null || value === undefined) return <Dim>none on record</Dim>;
  if (Array.isArray(value)) {
    if (value.length === 0) return <Dim>none</Dim>;
    return (
      <Stack gap="xs">
        {(value as Part[]).map((one, at) => (
          <KeyValues key={at} value={part === 'audit' ? deedOf(one, formats.moment(textOf(one['at']))) : one} />
        ))}
      </Stack>
    );
  }
  const { absent } = value as { absent?: string };
  if (absent !== undefined) return <Dim>{absent}</Dim>;
  return <KeyValues value={value as Part} />;
}

function Dim({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}

/** What matters of an entry of the audit beside an order. */
function deedOf({ actor, action, reason }: Part, at: string): Part {
  return { at, actor, action, ...(reason === '' ? {} : { reason }) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
