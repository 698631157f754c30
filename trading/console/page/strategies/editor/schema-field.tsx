import { Button, Fieldset, Group, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { JsonSchema } from '../../../../../models/experiment/described/described-key.ts';
import { wordsOf } from '../../parts/key-values.tsx';
import { NumberField, WrittenField } from './drafted-fields.tsx';
import { useField } from './form-context.ts';
import { branchOf, fieldKind, schemaOf } from './schema-kind.ts';
import type { Path } from './yaml-edit.ts';

interface FieldProps {
  readonly schema: JsonSchema;
  readonly path: Path;
  readonly isRequired: boolean;
  /** Its section has a heading already. */
  readonly isOpen?: boolean;
}

/** One key of an experiment, as its schema has it. */
export function SchemaField({ schema: given, path, isRequired, isOpen = false }: FieldProps): ReactNode {
  const { value } = useField(path);
  const schema = branchOf(given, value);
  const own = (given.anyOf ?? []).find(({ type, properties }) => type === 'object' && properties !== undefined);
  const props = { schema, path, isRequired, isOpen };
  switch (fieldKind(schema)) {
    case 'section':
      return <SectionField {...props} />;
    case 'entries':
      return <EntriesField {...props} />;
    case 'number':
      return <NumberField {...commonOf(props)} path={path} schema={schema} />;
    case 'written':
      return <WrittenField {...commonOf(props)} path={path} />;
    case 'choice':
    case 'list':
    case 'switch':
    case 'text':
      return (
        <Stack gap={4}>
          <PlainField {...props} />
          {own === undefined ? null : <WriteOut path={path} />}
        </Stack>
      );
  }
}

/** Label and words of a field. */
function commonOf({ schema, path, isRequired }: FieldProps) {
  const { description, default: fallback } = schema;
  const unit = schema['x-unit'];
  const words = [description, unit === undefined ? undefined : `(${unit})`].filter(Boolean).join(' ');
  return {
    label: wordsOf(String(path.at(-1))),
    ...(words === '' ? {} : { description: words }),
    ...(fallback === undefined || fallback === '' || typeof fallback === 'object'
      ? {}
      : { placeholder: `default: ${String(fallback)}` }),
    required: isRequired,
  };
}

function PlainField(props: FieldProps): ReactNode {
  const { schema, path } = props;
  const { value, error, disabled, edit } = useField(path);
  const common = { ...commonOf(props), error, disabled };
  const kind = fieldKind(schema);
  if (kind === 'list') {
    const values = Array.isArray(value) ? value.map(String) : [];
    return (
      <TagsInput
        {...common}
        splitChars={[]}
        value={values}
        onChange={(next) => edit(next.length === 0 ? undefined : next)}
      />
    );
  }
  if (kind === 'text') {
    return (
      <TextInput
        {...common}
        value={typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value)}
        onChange={({ currentTarget: { value: next } }) => edit(next === '' ? undefined : next)}
      />
    );
  }
  const choices = kind === 'switch' ? [true, false] : (schema.enum ?? []);
  return (
    <Select
      {...common}
      clearable={!props.isRequired}
      clearButtonProps={{ 'aria-label': `Clear ${common.label}` }}
      value={value === undefined || value === null ? null : String(value)}
      data={choices.map((one) => ({
        value: String(one),
        label: kind === 'switch' ? (one === true ? 'yes' : 'no') : String(one),
      }))}
      onChange={(next) => edit(next === null ? undefined : choices.find((one) => String(one) === next))}
    />
  );
}

/** In place of a name, what it stands for is written out. */
function WriteOut({ path }: { readonly path: Path }): ReactNode {
  const { disabled, edit } = useField(path);
  return (
    <Button
      size="compact-xs"
      variant="default"
      disabled={disabled}
      onClick={() => edit({})}
      style={{ alignSelf: 'start' }}
    >
      Write {wordsOf(String(path.at(-1))).toLowerCase()} of its own
    </Button>
  );
}

function SectionField(props: FieldProps): ReactNode {
  const { schema, path, isOpen } = props;
  const { value, disabled, edit } = useField(path);
  const isOptional = schema.default === undefined && !props.isRequired;
  const { label, description } = commonOf(props);
  if (value === undefined && isOptional) {
    return (
      <div>
        <Button size="compact-xs" variant="default" disabled={disabled} onClick={() => edit({})}>
          Add {label.toLowerCase()}
        </Button>
        {description === undefined || isOpen === true ? null : (
          <Text size="xs" c="dimmed">
            {description}
          </Text>
        )}
      </div>
    );
  }
  const fields = <Fields schema={schemaOf(schema, value)} path={path} />;
  const remove =
    value === undefined ? null : (
      <Button size="compact-xs" variant="default" disabled={disabled} onClick={() => edit(undefined)}>
        Remove {label.toLowerCase()}
      </Button>
    );
  if (isOpen === true) {
    return (
      <Stack gap="sm">
        {fields}
        {isOptional ? <Group>{remove}</Group> : null}
      </Stack>
    );
  }
  return (
    <Fieldset legend={label} p="xs">
      <Stack gap="sm">
        {fields}
        {isOptional ? <Group>{remove}</Group> : null}
      </Stack>
    </Fieldset>
  );
}

function Fields({ schema, path }: Pick<FieldProps, 'schema' | 'path'>): ReactNode {
  return Object.entries(schema.properties ?? {}).map(([key, one]) =>
    one.const === undefined ? (
      <SchemaField key={key} schema={one} path={[...path, key]} isRequired={schema.required?.includes(key) === true} />
    ) : null,
  );
}

function EntriesField({ schema, path }: FieldProps): ReactNode {
  const { value, disabled, edit } = useField(path);
  const entries = Array.isArray(value) ? (value as unknown[]) : [];
  const one = wordsOf(String(path.at(-1))).toLowerCase();
  const add = (): void => edit([...entries, firstOf(schema.items!, entries.length)]);
  return (
    <Stack gap="sm">
      {entries.map((_, at) => (
        <Entry
          key={at}
          schema={schema.items!}
          path={[...path, at]}
          title={`${wordsOf(String(path.at(-1)))} ${at + 1}`}
        />
      ))}
      <Group>
        <Button size="compact-xs" variant="default" disabled={disabled} onClick={add}>
          Add to {one}
        </Button>
      </Group>
    </Stack>
  );
}

function Entry({ schema, path, title }: { schema: JsonSchema; path: Path; title: string }): ReactNode {
  const { value, disabled, edit } = useField(path);
  return (
    <Fieldset legend={title} p="xs">
      <Stack gap="sm">
        <Fields schema={schemaOf(schema, value)} path={path} />
        <Group>
          <Button size="compact-xs" variant="default" disabled={disabled} onClick={() => edit(undefined)}>
            Remove {title.toLowerCase()}
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}

/** What a new entry of a list begins with: the keys that it must have. */
function firstOf({ properties = {}, required = [] }: JsonSchema, before: number): Record<string, unknown> {
  const keys = 'kind' in properties && !required.includes('kind') ? [...required, 'kind'] : required;
  return Object.fromEntries(
    keys.map((key) => [key, properties[key]?.enum?.[0] ?? (key === 'name' ? `entry-${before + 1}` : '')]),
  );
}
