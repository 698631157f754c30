import {
  Button,
  Checkbox,
  FileInput,
  Group,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  TextInput,
} from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Wrong } from '../parts/words.tsx';
import { askForIngest } from './data-queries.ts';

const VENDORS = ['alpaca', 'polygon', 'binance', 'sample', 'simulated'];
const SIZES = ['1m', '5m', '15m', '30m', '1h', '4h', '1d'];
const CALENDARS = ['us-equities', 'us-equities-extended', 'us-equities-overnight', 'crypto', 'none'];
/** As the service takes it. */
const FILE_BYTES_MAX = 8_000_000;

/** What a user has typed; empty is not said. */
const NOTHING_TYPED = { vendor: 'alpaca', symbol: '', timeframe: '', calendar: '', from: '', to: '', timezone: '' };

/** Asks for bars of a vendor, or sends a CSV file of them. */
export function IngestForm({ onAsked }: { readonly onAsked: (job: string) => void }): ReactNode {
  const [from, setFrom] = useState<'vendor' | 'file'>('vendor');
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const [file, setFile] = useState<File | null>(null);
  const [revise, setRevise] = useState(false);
  const queries = useQueryClient();
  const put = (name: keyof typeof NOTHING_TYPED, value: string | null): void =>
    setTyped((before) => ({ ...before, [name]: value ?? '' }));
  const ask = useMutation({
    mutationFn: async () => askForIngest(await bodyOf({ from, typed, file, revise })),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['/api/v1/data/ingests'] });
      onAsked(id);
    },
  });
  const isWhole = from === 'file' ? file !== null : typed.symbol.trim() !== '' || /^s/.test(typed.vendor);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate();
      }}
    >
      <Stack gap="xs">
        <SegmentedControl
          size="xs"
          w={240}
          aria-label="Where bars come from"
          data={[
            { value: 'vendor', label: 'A vendor' },
            { value: 'file', label: 'A CSV file' },
          ]}
          value={from}
          onChange={(value) => setFrom(value as 'vendor' | 'file')}
        />
        <Fields from={from} typed={typed} onType={put} file={file} onFile={setFile} />
        <Group justify="space-between">
          <Checkbox
            size="xs"
            label="Take over values that the source has changed"
            checked={revise}
            onChange={(event) => setRevise(event.currentTarget.checked)}
          />
          <Button type="submit" size="xs" loading={ask.isPending} disabled={!isWhole}>
            Ingest
          </Button>
        </Group>
        <Wrong error={ask.error} />
      </Stack>
    </form>
  );
}

interface FieldsProps extends Pick<PartProps, 'typed' | 'onType'> {
  readonly from: 'vendor' | 'file';
  readonly file: File | null;
  readonly onFile: (file: File | null) => void;
}

function Fields({ from, typed, onType, file, onFile }: FieldsProps): ReactNode {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="xs">
      {from === 'vendor' ? (
        <Select
          size="xs"
          label="Vendor"
          data={VENDORS}
          allowDeselect={false}
          value={typed.vendor}
          onChange={(value) => onType('vendor', value)}
        />
      ) : (
        <FileInput
          size="xs"
          label="File"
          accept=".csv,text/csv"
          placeholder="Choose a file"
          value={file}
          onChange={onFile}
        />
      )}
      <Word name="symbol" label="Symbols" placeholder="AAPL, BTC/USD" typed={typed} onType={onType} />
      <Choice name="timeframe" label="Size" data={SIZES} typed={typed} onType={onType} />
      <Choice name="calendar" label="Calendar" data={CALENDARS} typed={typed} onType={onType} />
      <Word name="from" label="First day" placeholder="2024-01-01" typed={typed} onType={onType} />
      <Word name="to" label="Last day" placeholder="today" typed={typed} onType={onType} />
      {from === 'file' ? (
        <Word name="timezone" label="Zone of times without one" placeholder="UTC" typed={typed} onType={onType} />
      ) : null}
    </SimpleGrid>
  );
}

interface PartProps {
  readonly name: keyof typeof NOTHING_TYPED;
  readonly label: string;
  readonly typed: typeof NOTHING_TYPED;
  readonly onType: (name: keyof typeof NOTHING_TYPED, value: string | null) => void;
}

function Word({ name, label, typed, onType, placeholder }: PartProps & { readonly placeholder: string }): ReactNode {
  return (
    <TextInput
      size="xs"
      label={label}
      placeholder={placeholder}
      value={typed[name]}
      onChange={(event) => onType(name, event.currentTarget.value)}
    />
  );
}

function Choice({ name, label, typed, onType, data }: PartProps & { readonly data: readonly string[] }): ReactNode {
  return (
    <Select
      size="xs"
      label={label}
      placeholder="as usual"
      clearable
      data={[...data]}
      value={typed[name] === '' ? null : typed[name]}
      onChange={(value) => onType(name, value)}
    />
  );
}

/** What was typed, as the service takes it. @throws Error for a file that is larger than it takes */
async function bodyOf(given: {
  readonly from: 'vendor' | 'file';
  readonly typed: typeof NOTHING_TYPED;
  readonly file: File | null;
  readonly revise: boolean;
}): Promise<Parameters<typeof askForIngest>[0]> {
  const { from, typed, file, revise } = given;
  const { vendor, timezone, ...others } = typed;
  const said = { ...others, ...(from === 'file' ? { timezone } : { vendor }) };
  const known = Object.entries(said).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()]]));
  const body = { ...Object.fromEntries(known), ...(revise ? { revise } : {}) } as Parameters<typeof askForIngest>[0];
  if (from === 'vendor' || file === null) return body;
  if (file.size > FILE_BYTES_MAX) {
    throw new Error(`${file.name} has more than 8 MB: bring it in with signalbox ingest --vendor csv --path FILE.`);
  }
  return { ...body, file: { name: file.name, text: await file.text() } };
}
