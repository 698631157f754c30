import { Accordion, Alert, Badge, Group, Stack, Text } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import type { JsonSchema } from '../../../../../models/experiment/described/described-key.ts';
import { wordsOf } from '../../parts/key-values.tsx';
import styles from '../strategies.module.css';
import type { Mistake } from '../strategy-queries.ts';
import { FormContext, type Editing } from './form-context.ts';
import { SchemaField } from './schema-field.tsx';
import { branchOf, fieldKind } from './schema-kind.ts';

interface FormProps {
  readonly schema: JsonSchema | undefined;
  /** What the text holds. */
  readonly value: unknown;
  /** The text cannot be read. */
  readonly isBroken: boolean;
  readonly mistakes: readonly Mistake[];
  readonly disabled: boolean;
  readonly onEdit: Editing['onEdit'];
}

/** Sections that are open at first: what most experiments differ in. */
const OPEN = ['general', 'strategies', 'sizing'];

/** A form for every key that an experiment may have, generated from its schema. */
export function SchemaForm({ schema, value, isBroken, mistakes, disabled, onEdit }: FormProps): ReactNode {
  const editing = useMemo(
    (): Editing => ({ value, mistakes, disabled: disabled || isBroken, onEdit }),
    [value, mistakes, disabled, isBroken, onEdit],
  );
  if (schema === undefined) return <Text size="sm">Loading</Text>;
  const keys = Object.entries(schema.properties ?? {});
  const isSimple = (one: JsonSchema): boolean => !['section', 'entries'].includes(fieldKind(branchOf(one, undefined)));
  const general = keys.filter(([key, one]) => isSimple(one) && key !== 'limits' && key !== 'features');
  const sections = keys.filter(([key]) => !general.some(([own]) => own === key));
  const present = new Set(Object.keys((value ?? {}) as object));
  return (
    <FormContext value={editing}>
      {isBroken ? <Alert color="yellow">The YAML cannot be read: correct it there first.</Alert> : null}
      <Accordion
        className={styles['form'] ?? ''}
        multiple
        defaultValue={OPEN}
        variant="contained"
        chevronPosition="left"
      >
        <Section name="general" title="General" mistakes={mistakesIn(mistakes, general)} isPresent>
          {general.map(([key, one]) => (
            <SchemaField key={key} schema={one} path={[key]} isRequired={schema.required?.includes(key) === true} />
          ))}
        </Section>
        {sections.map(([key, one]) => (
          <Section
            key={key}
            name={key}
            title={wordsOf(key)}
            words={one.description}
            mistakes={mistakesIn(mistakes, [[key, one]])}
            isPresent={present.has(key)}
          >
            <SchemaField schema={one} path={[key]} isRequired={false} isOpen />
          </Section>
        ))}
      </Accordion>
    </FormContext>
  );
}

function mistakesIn(mistakes: readonly Mistake[], keys: readonly [string, JsonSchema][]): number {
  return mistakes.filter(({ key }) => keys.some(([own]) => key === own || /^[.[]/.test(afterOwn(key, own)))).length;
}

const afterOwn = (key: string, own: string): string => (key.startsWith(own) ? key.slice(own.length) : '');

interface SectionProps {
  readonly name: string;
  readonly title: string;
  readonly words?: string | undefined;
  readonly mistakes: number;
  readonly isPresent: boolean;
  readonly children: ReactNode;
}

function Section({ name, title, words, mistakes, isPresent, children }: SectionProps): ReactNode {
  return (
    <Accordion.Item value={name}>
      <Accordion.Control>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {title}
          </Text>
          {mistakes > 0 ? <Badge color="red.9">{mistakes} wrong</Badge> : null}
          {isPresent ? null : (
            <Text size="xs" c="dimmed">
              not written: defaults hold
            </Text>
          )}
        </Group>
        {words === undefined ? null : (
          <Text size="xs" c="dimmed">
            {words}
          </Text>
        )}
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="sm">{children}</Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}
