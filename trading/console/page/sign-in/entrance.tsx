import { Center, Loader } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { Formats, FormatsContext, ownLocale, ownZone } from '../parts/formats.ts';
import { Wrong } from '../parts/words.tsx';
import { router } from '../router.tsx';
import { ask, Refused } from '../service/ask.ts';
import type { Me } from '../service/shapes.ts';
import { mayBeSignedIn, onSignedOut } from '../service/signed-in.ts';
import { MeContext } from './me.tsx';
import { EnrolFirst } from './enrol-first.tsx';
import { SignInPage, WelcomePage } from './sign-in-page.tsx';

/** The link of `/welcome#...`: it never reaches a server's log, nor the history. */
function linkOf(): string | null {
  return location.pathname === '/welcome' && location.hash.length > 1 ? location.hash.slice(1) : null;
}

/** The page of ours that a link leads to in the end: `/welcome?to=/backtests/RUN#...`; else the first one. */
function goalOf(): string {
  const asked = new URLSearchParams(location.search).get('to') ?? '/';
  const goal = URL.canParse(asked, location.origin) ? new URL(asked, location.origin) : null;
  return goal?.origin === location.origin ? `${goal.pathname}${goal.search}` : '/';
}

/** The page of whoever is signed in, or the door. */
export function Entrance(): ReactNode {
  const queries = useQueryClient();
  const [link, setLink] = useState(linkOf);
  const [isIn, setIn] = useState(mayBeSignedIn);
  const me = useQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => ask<Me>('GET', '/api/v1/me', { signal }),
    enabled: isIn && link === null,
    staleTime: 60_000,
  });
  useEffect(
    () =>
      onSignedOut(() => {
        setIn(false);
        queries.clear();
      }),
    [queries],
  );
  const enter = (who: Me): void => {
    if (link !== null || location.pathname === '/sign-in') history.replaceState(null, '', goalOf());
    queries.setQueryData(['me'], who);
    setLink(null);
    setIn(true);
  };
  if (link !== null) return <WelcomePage link={link} onMe={enter} />;
  if (!isIn || (me.error instanceof Refused && me.error.status === 401)) return <SignInPage onMe={enter} />;
  if (me.data?.mustEnrol === true) return <EnrolFirst me={me.data} />;
  if (me.data !== undefined) return <Inside me={me.data} />;
  return (
    <Center component="main" mih="100dvh" p="md">
      {me.error === null ? <Loader aria-label="Loading" /> : <Wrong error={me.error} />}
    </Center>
  );
}

function Inside({ me }: { readonly me: Me }): ReactNode {
  const { locale = ownLocale(), timeZone = ownZone() } = me.preferences;
  const formats = useMemo(() => new Formats(locale, timeZone), [locale, timeZone]);
  return (
    <MeContext value={me}>
      <FormatsContext value={formats}>
        <RouterProvider router={router} />
      </FormatsContext>
    </MeContext>
  );
}
