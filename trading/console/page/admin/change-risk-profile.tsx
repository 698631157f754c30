import { Button, Group, NumberInput, Stack, TagsInput, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import type { RiskProfile } from '../service/shapes.ts';

const AMOUNTS = [
  ['orderValueMax', 'Largest order', 'In the currency of the symbol'],
  ['dailyOrdersMax', 'Orders a day', 'Of a day in UTC'],
  ['dailyValueMax', 'Value a day', 'Of all orders of a day in UTC'],
  ['sessionCapitalMax', 'Capital of a session', 'Of one that the user starts'],
] as const;

interface OfUser {
  readonly name: string;
  readonly onDone: () => void;
}

/** What the orders of a user may ask for; an empty field is no bound. */
export function ChangeRiskProfile({ name, onDone }: OfUser): ReactNode {
  const path = `/api/v1/users/${encodeURIComponent(name)}/risk-profile`;
  const { data, error } = useQuery({
    queryKey: ['risk-profile', name],
    queryFn: ({ signal }) => ask<RiskProfile>('GET', path, { signal }),
    staleTime: 0,
  });
  if (data === undefined) return <Wrong error={error} />;
  return <ProfileForm key={name} path={path} before={data.profile} onDone={onDone} />;
}

interface FormProps {
  readonly path: string;
  readonly before: RiskProfile['profile'];
  readonly onDone: () => void;
}

function ProfileForm({ path, before, onDone }: FormProps): ReactNode {
  const queries = useQueryClient();
  const [bounds, setBounds] = useState(before);
  const [reason, setReason] = useState('');
  const change = useMutation({
    mutationFn: () => ask<RiskProfile>('PUT', path, { body: { ...bounds, reason } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['risk-profile'] });
      onDone();
    },
  });
  const set = (part: Partial<typeof before>): void => setBounds((now) => ({ ...now, ...part }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <Stack>
        {AMOUNTS.map(([key, label, description]) => (
          <NumberInput
            key={key}
            label={label}
            description={description}
            placeholder="no bound"
            min={0}
            hideControls
            thousandSeparator=","
            value={bounds[key] ?? ''}
            onChange={(value) => set({ [key]: value === '' ? null : Number(value) })}
          />
        ))}
        <TagsInput
          label="Symbols"
          description="None for all"
          value={[...(bounds.symbols ?? [])]}
          onChange={(symbols) => set({ symbols: symbols.length === 0 ? null : symbols })}
        />
        <TextInput
          label="Why"
          description="Kept in the audit"
          required
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Wrong error={change.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            Keep it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
