import { Button, Card, Center, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import type { Me } from '../service/shapes.ts';
import { noteFresh } from '../service/signed-in.ts';

/** As long as the service wants one to be. */
const PASSWORD_MIN = 12;

interface Entering {
  readonly onMe: (me: Me) => void;
}

/** Name and password. */
export function SignInPage({ onMe }: Entering): ReactNode {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const enter = useEntering('/api/v1/auth/sign-in', { name, password }, onMe);
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
      <Wrong error={enter.error} />
      <Button type="submit" loading={enter.isPending}>
        Sign in
      </Button>
    </Door>
  );
}

/** A one-time link: whoever has it chooses a password, once. */
export function WelcomePage({ link, onMe }: Entering & { readonly link: string }): ReactNode {
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const enter = useEntering('/api/v1/auth/link', { link, password }, onMe);
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

function useEntering(path: string, body: unknown, onMe: (me: Me) => void) {
  return useMutation({
    mutationFn: () => ask<Me>('POST', path, { body, open: true }),
    onSuccess: (me) => {
      noteFresh();
      onMe(me);
    },
  });
}

function Door({
  title,
  onSubmit,
  children,
}: {
  readonly title: string;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}): ReactNode {
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <Center component="main" mih="100dvh" p="md">
      <Card withBorder shadow="sm" padding="xl" w={400} maw="100%">
        <form onSubmit={submit}>
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
        </form>
      </Card>
    </Center>
  );
}
