import { ActionIcon, Anchor, Button, Group, Indicator, Popover, ScrollArea, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { Link } from '@tanstack/react-router';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { useAlertChange, useInbox, type Inbox } from '../alerts/alert-queries.ts';
import { Icon } from '../parts/icons.tsx';
import { useFormats } from '../parts/formats.ts';
import { State } from '../parts/words.tsx';
import { useMay } from '../sign-in/me.tsx';

/** What whoever is signed in was told of and has not read; the worst gives the colour, new ones are shown at once. */
export function AlertsBell(): ReactNode {
  return useMay('alerts:read') ? <Bell /> : null;
}

type Told = Inbox['alerts'][number];

const COLOURS = { info: 'blue', warning: 'yellow', critical: 'red' } as const;
/** Of several at once the first alone are shown over the page; the bell has them all. */
const TOASTS_MAX = 3;

function Bell(): ReactNode {
  const [isOpen, { close, toggle }] = useDisclosure(false);
  const { data } = useInbox();
  const titleId = useId();
  useToasts(data);
  const unread = data?.unread ?? 0;
  const isCritical = data?.alerts.some(({ id, severity }) => id > data.readTo && severity === 'critical') === true;
  return (
    <Indicator label={unread} size={16} color={isCritical ? 'red.9' : 'orange.9'} disabled={unread === 0}>
      <Popover opened={isOpen} onChange={close} position="bottom-end" width={340} shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <ActionIcon variant="default" size="md" onClick={toggle} aria-label={`Alerts: ${unread} unread`}>
            <Icon name="alerts" size={17} />
          </ActionIcon>
        </Popover.Target>
        {/* Named by its title: the name of the button is how many are unread. */}
        <Popover.Dropdown p="xs" aria-labelledby={titleId}>
          <Text id={titleId} fw={600} mb="xs">
            Latest alerts
          </Text>
          {data === undefined ? null : <Latest inbox={data} onGo={close} />}
        </Popover.Dropdown>
      </Popover>
    </Indicator>
  );
}

function Latest({ inbox: { alerts, readTo, unread }, onGo }: { readonly inbox: Inbox; readonly onGo: () => void }) {
  const formats = useFormats();
  const read = useAlertChange();
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Button
          size="compact-xs"
          variant="default"
          disabled={unread === 0}
          loading={read.isPending}
          onClick={() => read.mutate({ method: 'PUT', path: 'inbox', body: { readTo: alerts[0]!.id } })}
        >
          Mark all as read
        </Button>
        <Anchor component={Link} to="/alerts" size="sm" onClick={onGo}>
          All alerts
        </Anchor>
      </Group>
      <ScrollArea.Autosize mah={360} viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': 'Latest alerts' }}>
        <Stack gap="xs">
          {alerts.length === 0 ? <Text size="sm">There was no alert yet.</Text> : null}
          {alerts.map(({ id, severity, type, words, raisedAt, resolvedAt }) => (
            <div key={id}>
              <Group gap={6} wrap="nowrap">
                <State word={resolvedAt === null ? severity : 'over'} size="xs" />
                <Text size="xs" c="dimmed" style={{ flex: 1 }} truncate>
                  {type}, {formats.moment(raisedAt)}
                </Text>
              </Group>
              <Text size="sm" fw={id > readTo ? 600 : 400} lineClamp={3}>
                {words}
              </Text>
            </div>
          ))}
        </Stack>
      </ScrollArea.Autosize>
    </Stack>
  );
}

/** Shows what is new since the page was opened, once each. */
function useToasts(inbox: Inbox | undefined): void {
  const shown = useRef<number | null>(null);
  useEffect(() => {
    if (inbox === undefined) return;
    const newest = inbox.alerts[0]?.id ?? 0;
    const before = shown.current;
    shown.current = Math.max(before ?? 0, newest);
    if (before === null) return;
    const fresh = inbox.alerts.filter(({ id, resolvedAt }) => id > before && resolvedAt === null);
    for (const one of fresh.slice(0, TOASTS_MAX)) show(one);
  }, [inbox]);
}

function show({ id, severity, type, words }: Told): void {
  notifications.show({ id: `alert-${id}`, title: type, message: words, color: COLOURS[severity], autoClose: 10_000 });
}
