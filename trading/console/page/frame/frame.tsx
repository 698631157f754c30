import {
  AppShell,
  Box,
  Burger,
  Button,
  Group,
  Kbd,
  NavLink,
  type NavLinkProps,
  Select,
  Stack,
  Text,
  UnstyledButton,
  VisuallyHidden,
} from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { createLink, Link, Outlet, useLocation } from '@tanstack/react-router';
import { useMemo, useState, type ComponentProps, type ReactNode } from 'react';
import { LiveUpdates } from '../live/live-updates.tsx';
import { Icon } from '../parts/icons.tsx';
import { useMe } from '../sign-in/me.tsx';
import { AlertsBell } from './alerts-bell.tsx';
import { useChosenSession } from './chosen-session.ts';
import { useDeeds } from './deeds.ts';
import { FrameContext } from './frame-context.ts';
import { Palette } from './palette.tsx';
import { PersonMenu } from './person-menu.tsx';
import { SCREENS } from './screens.ts';
import { Connection, Mode, Zone } from './status.tsx';
import { StopDialog, type StopAsked } from './stop-dialog.tsx';

/** What stands around every screen: how things are, where to go, and Stop. */
export function Frame(): ReactNode {
  const [isMenuOpen, menu] = useDisclosure(false);
  const [isPaletteOpen, palette] = useDisclosure(false);
  const [stop, setStop] = useState<StopAsked | null>(null);
  const deeds = useDeeds(setStop);
  const frame = useMemo(() => ({ openStop: setStop }), []);
  useHotkeys(
    [
      ['mod+K', palette.open],
      ['mod+.', () => setStop({})],
    ],
    [],
  );
  return (
    <FrameContext value={frame}>
      <AppShell
        header={{ height: { base: 86, md: 56 } }}
        navbar={{ width: 232, breakpoint: 'md', collapsed: { mobile: !isMenuOpen } }}
        padding="md"
      >
        <AppShell.Header>
          <HeaderLine
            isMenuOpen={isMenuOpen}
            onMenu={menu.toggle}
            onPalette={palette.open}
            onStop={() => setStop({})}
          />
          <Group hiddenFrom="md" px="md" gap="md" justify="space-between" wrap="nowrap" style={{ overflow: 'hidden' }}>
            <Connection />
            <Zone />
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="xs" aria-label="Screens">
          <Menu onGo={menu.close} />
        </AppShell.Navbar>
        <LiveUpdates />
        <AppShell.Main>
          <Outlet />
        </AppShell.Main>
      </AppShell>
      <Palette isOpen={isPaletteOpen} onClose={palette.close} deeds={deeds} />
      <StopDialog asked={stop} onClose={() => setStop(null)} />
    </FrameContext>
  );
}

interface HeaderProps {
  readonly isMenuOpen: boolean;
  readonly onMenu: () => void;
  readonly onPalette: () => void;
  readonly onStop: () => void;
}

function HeaderLine({ isMenuOpen, onMenu, onPalette, onStop }: HeaderProps): ReactNode {
  return (
    <Group h={56} px="md" gap="sm" wrap="nowrap">
      <Burger
        opened={isMenuOpen}
        onClick={onMenu}
        hiddenFrom="md"
        size="sm"
        aria-label={isMenuOpen ? 'Close the menu' : 'Open the menu'}
      />
      <Link to="/" aria-label="Signalbox, overview" style={{ display: 'flex' }}>
        <img src="/mark.svg" alt="" width={28} height={28} />
      </Link>
      <Mode />
      <Box visibleFrom="md">
        <SessionSelect />
      </Box>
      <Group visibleFrom="md" gap="md" wrap="nowrap">
        <Connection />
        <Zone />
      </Group>
      <Box style={{ flex: 1 }} />
      <UnstyledButton onClick={onPalette} visibleFrom="sm" className="palette-button" aria-keyshortcuts="Control+K">
        <Icon name="palette" size={16} />
        <Text size="xs">Commands</Text>
        <Kbd size="xs">Ctrl K</Kbd>
      </UnstyledButton>
      <AlertsBell />
      <PersonMenu />
      <Button
        color="red.9"
        size="xs"
        onClick={onStop}
        leftSection={<Icon name="stop" size={16} />}
        aria-keyshortcuts="Control+."
      >
        Stop
      </Button>
    </Group>
  );
}

/** The account, which is a session's, that the screens are about. */
function SessionSelect(): ReactNode {
  const { sessions, id, choose } = useChosenSession();
  return (
    <Select
      size="xs"
      w={230}
      maw="100%"
      aria-label="Session"
      placeholder={sessions.length === 0 ? 'No session yet' : 'Choose a session'}
      searchable
      allowDeselect={false}
      limit={100}
      value={id ?? null}
      onChange={(value) => (value === null ? undefined : choose(value))}
      data={sessions.map(({ session, state }) => ({
        value: session,
        label: state === 'running' ? session : `${session} (${state})`,
      }))}
    />
  );
}

/** Whether a page belongs to a screen: pages of one thing stand below their list. */
const isIn = (path: string, pathname: string): boolean =>
  pathname === path || (path !== '/' && pathname.startsWith(`${path}/`));

const ScreenLink = createLink((props: NavLinkProps & ComponentProps<'a'>) => <NavLink component="a" {...props} />);

function Menu({ onGo }: { readonly onGo: () => void }): ReactNode {
  const { permissions } = useMe();
  const { id } = useChosenSession();
  const { pathname } = useLocation();
  return (
    <Stack gap={2}>
      <Box hiddenFrom="md" pb="sm">
        <SessionSelect />
      </Box>
      {SCREENS.filter(({ permission }) => permissions.includes(permission)).map(({ path, title, icon }) => (
        <ScreenLink
          key={path}
          to={path}
          search={id === undefined ? {} : { session: id }}
          label={title}
          leftSection={<Icon name={icon} />}
          active={isIn(path, pathname)}
          onClick={onGo}
          aria-current={isIn(path, pathname) ? 'page' : undefined}
        />
      ))}
      <VisuallyHidden>Control K opens the commands, Control period stops trading.</VisuallyHidden>
    </Stack>
  );
}
