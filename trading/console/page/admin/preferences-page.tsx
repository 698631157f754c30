import {
  Button,
  Group,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Title,
  useMantineColorScheme,
  type MantineColorScheme,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { systemClock } from '../../../../infra/clock.ts';
import { Formats, ownLocale, ownZone } from '../parts/formats.ts';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import { useMe } from '../sign-in/me.tsx';

const OWN = 'own';
const LOCALES = ['en-GB', 'en-US', 'de-DE', 'fr-FR', 'es-ES', 'it-IT', 'nl-NL', 'pt-BR', 'pl-PL', 'ja-JP', 'zh-CN'];

/** How a user reads numbers and times; the service keeps it, so that it is the same on every machine. */
export function PreferencesPage(): ReactNode {
  const { name, preferences } = useMe();
  const queries = useQueryClient();
  const [zone, setZone] = useState(preferences.timeZone ?? OWN);
  const [locale, setLocale] = useState(preferences.locale ?? OWN);
  const save = useMutation({
    mutationFn: () => {
      const { timeZone: _zone, locale: _locale, ...others } = preferences;
      const own = { ...(zone === OWN ? {} : { timeZone: zone }), ...(locale === OWN ? {} : { locale }) };
      return ask('PUT', '/api/v1/me/preferences', { body: { ...others, ...own } });
    },
    onSuccess: async () => {
      notifications.show({
        title: 'Kept',
        message: 'Numbers and times are shown like that from now on.',
        color: 'teal',
      });
      await queries.invalidateQueries({ queryKey: ['me'] });
    },
  });
  const sample = new Formats(locale === OWN ? ownLocale() : locale, zone === OWN ? ownZone() : zone);
  return (
    <Stack maw={460}>
      <Title order={1} size="h3">
        Preferences
      </Title>
      <Text size="sm" c="dimmed">
        Of {name}.
      </Text>
      <Select
        label="Time zone"
        searchable
        allowDeselect={false}
        limit={60}
        value={zone}
        onChange={(value) => setZone(value ?? OWN)}
        data={[
          { value: OWN, label: `That of this browser (${ownZone()})` },
          'UTC',
          ...Intl.supportedValuesOf('timeZone').filter((one) => one !== 'UTC'),
        ]}
      />
      <Select
        label="Numbers and dates"
        searchable
        allowDeselect={false}
        value={locale}
        onChange={(value) => setLocale(value ?? OWN)}
        data={[{ value: OWN, label: `Those of this browser (${ownLocale()})` }, ...LOCALES]}
      />
      <Text size="sm">
        Like this: {sample.moment(systemClock())}, {sample.money(-1_234_567.891)}, {sample.percent(0.0123, 2)}
      </Text>
      <Colours />
      <Wrong error={save.error} />
      <Group>
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          Keep
        </Button>
      </Group>
    </Stack>
  );
}

/** Of this browser alone: the same user may sit in a bright room and in a dark one. */
function Colours(): ReactNode {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500}>
        Colours of this browser
      </Text>
      <SegmentedControl
        aria-label="Colours"
        data={[
          { value: 'auto', label: 'As the system' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
        value={colorScheme}
        onChange={(value) => setColorScheme(value as MantineColorScheme)}
      />
    </Stack>
  );
}
