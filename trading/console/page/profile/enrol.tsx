import { Alert, Button, Center, Code, CopyButton, Group, List, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import type { BegunFactor } from '../service/shapes.ts';
import { CodeInput } from './code-input.tsx';
import { QrCode } from './qr-code.tsx';

const PATH = '/api/v1/me/second-factor';

/** What an authenticator app reads (`otpauth`). It is made here: no server writes it down. */
function addressOf({ issuer, account, setupKey }: BegunFactor): string {
  const name = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${name}?secret=${setupKey}&issuer=${encodeURIComponent(issuer)}`;
}

/** Sets a second factor up: scan, give the first code, keep the recovery codes. */
export function Enrol({ onDone }: { readonly onDone: () => void }): ReactNode {
  const [code, setCode] = useState('');
  const begin = useMutation({ mutationFn: () => ask<BegunFactor>('POST', PATH) });
  const confirm = useMutation({
    mutationFn: () => ask<{ recoveryCodes: string[] }>('POST', `${PATH}/confirm`, { body: { code: code.trim() } }),
  });
  const asked = useRef(false);
  const { mutate } = begin;
  useEffect(() => {
    // Drawn twice in development, begun once: a second key would void the first.
    if (asked.current) return;
    asked.current = true;
    mutate();
  }, [mutate]);
  if (confirm.data !== undefined) return <RecoveryCodes codes={confirm.data.recoveryCodes} onDone={onDone} />;
  if (begin.data === undefined) return <Wrong error={begin.error} />;
  const begun = begin.data;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate();
      }}
    >
      <Stack>
        <Text size="sm">Scan this with an authenticator app, or type the key into it. It is shown once.</Text>
        <Center>
          <QrCode text={addressOf(begun)} label="QR code for an authenticator app" />
        </Center>
        <Code block ta="center" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
          {begun.setupKey.replace(/(.{4})(?=.)/g, '$1 ')}
        </Code>
        <StoredInClear sealed={begun.sealed} />
        <CodeInput label="First code" description="Six digits that the app shows now" value={code} onChange={setCode} />
        <Wrong error={confirm.error} />
        <Button type="submit" loading={confirm.isPending}>
          Confirm
        </Button>
      </Stack>
    </form>
  );
}

/** A service without a key of its own keeps in clear what makes the codes: whoever uses it knows. */
export function StoredInClear({ sealed }: { readonly sealed: boolean | null }): ReactNode {
  if (sealed !== false) return null;
  return (
    <Alert
      color="yellow"
      variant="light"
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
      title="Stored in clear"
    >
      <Text size="sm">
        This service has no key to seal second factors with: whoever reads its database can make your codes. An
        administrator sets SIGNALBOX_SEAL_KEYS.
      </Text>
    </Alert>
  );
}

/** Codes for whoever has lost the app. */
export function RecoveryCodes({
  codes,
  onDone,
}: {
  readonly codes: readonly string[];
  readonly onDone: () => void;
}): ReactNode {
  return (
    <Stack>
      <Text size="sm">
        Each of these lets you in once without the app. They are shown once: keep them where nobody else reads.
      </Text>
      <List type="unordered" listStyleType="none" ff="monospace" size="sm" aria-label="Recovery codes">
        {codes.map((one) => (
          <List.Item key={one}>{one}</List.Item>
        ))}
      </List>
      <Group justify="flex-end" gap="xs">
        <CopyButton value={codes.join('\n')}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>I have kept them</Button>
      </Group>
    </Stack>
  );
}
