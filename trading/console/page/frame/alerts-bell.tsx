import { ActionIcon, Indicator } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Icon } from '../parts/icons.tsx';
import { useAlerts } from '../service/queries.ts';
import { useMay } from '../sign-in/me.tsx';

/** How many alerts are open, of which the worst gives the colour. */
export function AlertsBell(): ReactNode {
  return useMay('alerts:read') ? <Bell /> : null;
}

function Bell(): ReactNode {
  const { data } = useAlerts({ open: true });
  const open = data?.pages.flatMap(({ alerts }) => alerts) ?? [];
  const isCritical = open.some(({ severity }) => severity === 'critical');
  const more = data?.pages.at(-1)?.next === null ? '' : '+';
  return (
    <Indicator
      label={`${open.length}${more}`}
      size={16}
      color={isCritical ? 'red.9' : 'orange.9'}
      disabled={open.length === 0}
    >
      <ActionIcon
        variant="default"
        size="md"
        component={Link}
        to="/alerts"
        aria-label={`Alerts: ${open.length}${more} open`}
      >
        <Icon name="alerts" size={17} />
      </ActionIcon>
    </Indicator>
  );
}
