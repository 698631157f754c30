import { Button, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Enrol } from '../profile/enrol.tsx';
import type { Me } from '../service/shapes.ts';
import { signOut } from './sign-out.ts';
import { Door } from './sign-in-page.tsx';

/** A role that needs a second factor, and a user who has none: nothing else is to be had here. */
export function EnrolFirst({ me: { role } }: { readonly me: Me }): ReactNode {
  const queries = useQueryClient();
  const [begun, setBegun] = useState(false);
  if (begun) {
    return (
      <Door title="Second factor">
        <Enrol onDone={() => void queries.invalidateQueries({ queryKey: ['me'] })} />
      </Door>
    );
  }
  return (
    <Door title="Second factor" onSubmit={() => setBegun(true)}>
      <Text size="sm">
        Here every {role} gives a code of an authenticator app beside the password. Have one at hand: it takes a minute.
      </Text>
      <Button type="submit">Set it up</Button>
      <Button variant="subtle" onClick={() => void signOut()}>
        Sign out
      </Button>
    </Door>
  );
}
