import { Button, Card, Center, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import { CodeInput } from '../profile/code-input.tsx';
import type { Me, SecondStep, Ways } from '../service/shapes.ts';
import { noteFresh } from '../service/signed-in.ts';

/** As long as the service wants one to be. */
const PASSWORD_MIN = 12;

interface Entering {
  readonly onMe: (me: Me) => void;
}

/** Why the identity provider's way led nowhere, as the address has it. */
const LED_NOWHERE: Readonly<Record<string, string>> = {
  '#away': 'The identity provider does not answer.',
  '#refused': 'The identity provider did not let you in.',
  '#stale': 'That took too long, or began in another browser. Try again.',
  '#unknown-user': 'You have no user here: ask an administrator.',
};

/** The ticket that came back from the identity provider: a code is still to be given. */
function ticketOf(hash: string): string | null {
  return hash.startsWith('#ticket=') ? hash.slice('#ticket='.length) : null;
}

/** Name and password, or the identity provider; then a code where one is asked for. */
export function SignInPage({ onMe }: Entering): ReactNode {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [ticket, setTicket] = useState(() => ticketOf(location.hash));
  const enter = useEntering('/api/v1/auth/sign-in', { name, password }, { onMe, onTicket: setTicket });
  if (ticket !== null) return <CodePage ticket={ticket} onMe={onMe} />;
  const nowhere = LED_NOWHERE[location.hash];
  return (
    <Door title="Sign in" onSubmit={() => enter.mutate()}>
      <TextInput
        label="Name"
        autoComplete="username"
        required
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        data-autofocus
      />
      <PasswordInput
        label="Password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(e) => setPassword(e.currentTarget.value)}
      />
      <Wrong error={enter.error ?? (enter.isPending ? null : nowhere)} />
      <Button type="submit" loading={enter.isPending}>
        Sign in
      </Button>
      <ByProvider />
    </Door>
  );
}

/** The way by the identity provider, where there is one. */
function ByProvider(): ReactNode {
  const { data } = useQuery({
    queryKey: ['ways'],
    queryFn: ({ signal }) => ask<Ways>('GET', '/api/v1/auth/ways', { open: true, signal }),
    staleTime: Infinity,
  });
  if ((data?.provider ?? null) === null) return null;
  return (
    <Button component="a" href="/api/v1/auth/provider" variant="default">
      Sign in with {data!.provider}
    </Button>
  );
}

/** The second step: a code of the app, or a recovery code. */
function CodePage({ ticket, onMe }: Entering & { readonly ticket: string }): ReactNode {
  const [code, setCode] = useState('');
  const enter = useEntering('/api/v1/auth/second-step', { ticket, code: code.trim() }, { onMe });
  return (
    <Door title="One more step" onSubmit={() => enter.mutate()}>
      <CodeInput
        label="Code"
        description="Six digits of your authenticator app, or a recovery code"
        value={code}
        onChange={setCode}
      />
      <Wrong error={enter.error} />
      <Button type="submit" loading={enter.isPending}>
        Sign in
      </Button>
      <Button variant="subtle" onClick={() => location.assign('/')}>
        Begin again
      </Button>
    </Door>
  );
}

/** A one-time link: whoever has it chooses a password, once. */
export function WelcomePage({ link, onMe }: Entering & { readonly link: string }): ReactNode {
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [ticket, setTicket] = useState<string | null>(null);
  const enter = useEntering('/api/v1/auth/link', { link, password }, { onMe, onTicket: setTicket });
  if (ticket !== null) return <CodePage ticket={ticket} onMe={onMe} />;
  const differs = again !== '' && again !== password ? 'The two differ.' : null;
  return (
    <Door title="Choose a password" onSubmit={() => (again === password ? enter.mutate() : undefined)}>
      <Text size="sm" c="dimmed">
        This link works once. {PASSWORD_MIN} characters or more; a sentence is easier to keep than a puzzle.
      </Text>
      <PasswordInput
        label="Password"
        autoComplete="new-password"
        required
        minLength={PASSWORD_MIN}
        value={password}
        onChange={(e) => setPassword(e.currentTarget.value)}
      />
      <PasswordInput
        label="The same again"
        autoComplete="new-password"
        required
        error={differs}
        value={again}
        onChange={(e) => setAgain(e.currentTarget.value)}
      />
      <Wrong error={enter.error} />
      <Button type="submit" loading={enter.isPending}>
        Set it and sign in
      </Button>
    </Door>
  );
}

interface Led extends Entering {
  /** A code is to be given with this ticket. */
  readonly onTicket?: (ticket: string) => void;
}

function useEntering(path: string, body: unknown, { onMe, onTicket }: Led) {
  return useMutation({
    mutationFn: () => ask<Me | SecondStep>('POST', path, { body, open: true }),
    onSuccess: (led) => {
      if ('ticket' in led) return onTicket?.(led.ticket);
      noteFresh();
      onMe(led);
    },
  });
}

/** A card in the middle of an empty page. */
export function Door({
  title,
  onSubmit,
  children,
}: {
  readonly title: string;
  /** Absent where what stands in it submits by itself. */
  readonly onSubmit?: () => void;
  readonly children: ReactNode;
}): ReactNode {
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit?.();
  };
  const inside = (
    <Stack>
      <Stack gap={4} align="center">
        <img src="/mark.svg" alt="" width={44} height={44} />
        <Text fw={600}>Signalbox</Text>
        <Title order={1} size="h3">
          {title}
        </Title>
      </Stack>
      {children}
    </Stack>
  );
  return (
    <Center component="main" mih="100dvh" p="md">
      <Card withBorder shadow="sm" padding="xl" w={400} maw="100%">
        {onSubmit === undefined ? inside : <form onSubmit={submit}>{inside}</form>}
      </Card>
    </Center>
  );
}
