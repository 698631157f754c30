import { NumberInput, TextInput } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { parse, stringify } from 'yaml';
import type { JsonSchema } from '../../../../../models/experiment/described/described-key.ts';
import { useField } from './form-context.ts';
import type { Path } from './yaml-edit.ts';

interface DraftedProps {
  readonly label: string;
  readonly description?: string;
  readonly placeholder?: string;
  readonly required: boolean;
  readonly path: Path;
}

/** A number: what is typed on the way to one (`0.`) is kept here, and what is no number is left to the check. */
export function NumberField({ path, schema, ...common }: DraftedProps & { readonly schema: JsonSchema }): ReactNode {
  const { value, error, disabled, edit } = useField(path);
  const [draft, setDraft] = useState<string | number>(shownNumber(value));
  useEffect(() => setDraft((now) => (Number(now) === value && now !== '' ? now : shownNumber(value))), [value]);
  return (
    <NumberInput
      {...common}
      error={error}
      disabled={disabled}
      allowDecimal={schema.type !== 'integer'}
      decimalScale={12}
      value={draft}
      onChange={(next) => {
        setDraft(next);
        if (next === '') edit(undefined);
        else if (Number.isFinite(Number(next))) edit(Number(next));
      }}
    />
  );
}

const shownNumber = (value: unknown): string | number =>
  typeof value === 'number' ? value : value === undefined || value === null ? '' : JSON.stringify(value);

/** What has no form of its own, as YAML on one line: taken once it can be read and the field is left. */
export function WrittenField({ path, ...common }: DraftedProps): ReactNode {
  const { value, error, disabled, edit } = useField(path);
  const [draft, setDraft] = useState(shownYaml(value));
  const [mistake, setMistake] = useState<string | undefined>(undefined);
  useEffect(() => setDraft(shownYaml(value)), [value]);
  const take = (): void => {
    try {
      setMistake(undefined);
      if (draft.trim() !== shownYaml(value)) edit(draft.trim() === '' ? undefined : (parse(draft) as unknown));
    } catch (thrown) {
      setMistake((thrown as Error).message.split('\n')[0]);
    }
  };
  return (
    <TextInput
      placeholder="as YAML, such as { atr: 2 }"
      {...common}
      error={mistake ?? error}
      disabled={disabled}
      value={draft}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={take}
    />
  );
}

function shownYaml(value: unknown): string {
  if (value === undefined) return '';
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}
