import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useMe } from '../sign-in/me.tsx';
import { signOut } from '../sign-in/sign-out.ts';
import { useChosenSession } from './chosen-session.ts';
import type { Deed } from './palette.tsx';
import { SCREENS } from './screens.ts';
import type { StopAsked } from './stop-dialog.tsx';

/** Everything that the palette offers to whoever is signed in. */
export function useDeeds(openStop: (asked: StopAsked) => void): readonly Deed[] {
  const navigate = useNavigate();
  const { permissions } = useMe();
  const { sessions, id, choose } = useChosenSession();
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark';
  const search = id === undefined ? {} : { session: id };
  const screens = SCREENS.filter(({ permission }) => permissions.includes(permission)).map(
    ({ path, title, icon }): Deed => ({
      title,
      icon,
      group: 'Go to',
      run: () => void navigate({ to: path, search }),
    }),
  );
  const chosen = sessions.map(({ session, state }): Deed => ({
    title: session,
    icon: 'overview',
    group: `Session, ${state}`,
    run: () => choose(session),
  }));
  const mayAct = permissions.includes('sessions:act');
  const stops: readonly Deed[] = mayAct
    ? [
        { title: 'Stop trading', icon: 'stop', group: 'Do', keys: 'Ctrl .', run: () => openStop({}) },
        ...(id === undefined
          ? []
          : [
              {
                title: `Halt ${id}`,
                icon: 'stop',
                group: 'Do',
                run: () => openStop({ session: id, word: 'halt' }),
              } as const,
              {
                title: `Flatten ${id}`,
                icon: 'stop',
                group: 'Do',
                run: () => openStop({ session: id, word: 'flatten' }),
              } as const,
            ]),
      ]
    : [];
  return [
    ...screens,
    ...stops,
    {
      title: `Switch to ${other}`,
      icon: other === 'dark' ? 'moon' : 'sun',
      group: 'Do',
      run: () => setColorScheme(other),
    },
    { title: 'Sign out', icon: 'person', group: 'Do', run: () => void signOut() },
    ...chosen,
  ];
}
