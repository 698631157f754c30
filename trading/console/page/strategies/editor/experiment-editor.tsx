import { Alert, SegmentedControl, SimpleGrid, Stack, Text, UnstyledButton } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Wrong } from '../../parts/words.tsx';
import { useExperimentSchema, useMistakes, type Mistake } from '../strategy-queries.ts';
import styles from '../strategies.module.css';
import { SchemaForm } from './schema-form.tsx';
import { readYaml, withValue } from './yaml-edit.ts';
import { YamlText } from './yaml-text.tsx';

/** How long nothing is typed before the service is asked what is wrong. */
const REST_MS = 400;

interface EditorProps {
  readonly yaml: string;
  readonly onChange: (yaml: string) => void;
  /** Told whether anything is wrong with the text. */
  readonly onWrong: (isWrong: boolean) => void;
  readonly disabled: boolean;
}

/** An experiment as a form and as YAML, side by side: whichever is changed, the other shows it. */
export function ExperimentEditor({ yaml, onChange, onWrong, disabled }: EditorProps): ReactNode {
  const [rested] = useDebouncedValue(yaml, REST_MS);
  const checked = useMistakes(rested);
  const schema = useExperimentSchema();
  const read = useMemo(() => readYaml(yaml), [yaml]);
  const mistakes = checked.data ?? [];
  const [shown, setShown] = useState('form');
  const isNarrow = useMediaQuery('(max-width: 62em)') ?? false;
  const text = useRef<HTMLTextAreaElement>(null);
  const isWrong = read.isBroken || (mistakes.length > 0 && yaml === rested);
  useEffect(() => onWrong(isWrong), [isWrong, onWrong]);
  const form = (
    <SchemaForm
      schema={schema.data}
      value={read.value}
      isBroken={read.isBroken}
      mistakes={mistakes}
      disabled={disabled}
      onEdit={(path, value) => onChange(withValue(yaml, path, value))}
    />
  );
  const written = (
    <Stack gap="xs" className={styles['beside']!}>
      <YamlText ref={text} yaml={yaml} mistakes={mistakes} onChange={onChange} disabled={disabled} />
      <Mistakes mistakes={mistakes} onGo={(line) => goToLine(text.current, line)} isChecked={checked.isSuccess} />
      <Wrong error={checked.error} />
    </Stack>
  );
  if (!isNarrow) {
    return (
      <SimpleGrid cols={2}>
        {form}
        {written}
      </SimpleGrid>
    );
  }
  return (
    <Stack>
      <SegmentedControl
        aria-label="Show"
        value={shown}
        onChange={setShown}
        data={[
          { value: 'form', label: 'Form' },
          { value: 'yaml', label: 'YAML' },
        ]}
      />
      {shown === 'form' ? form : written}
    </Stack>
  );
}

interface MistakesProps {
  readonly mistakes: readonly Mistake[];
  readonly onGo: (line: number) => void;
  readonly isChecked: boolean;
}

function Mistakes({ mistakes, onGo, isChecked }: MistakesProps): ReactNode {
  if (mistakes.length === 0) return isChecked ? <Text size="sm">Nothing is wrong with it.</Text> : null;
  return (
    <Alert color="red" variant="light" title={mistakes.length === 1 ? 'One mistake' : `${mistakes.length} mistakes`}>
      {mistakes.map(({ line, message }, at) => (
        <Text size="sm" key={at} component="div">
          {line === null ? null : (
            <UnstyledButton className="row-link" fz="sm" onClick={() => onGo(line)}>
              Line {line}
            </UnstyledButton>
          )}{' '}
          {message}
        </Text>
      ))}
    </Alert>
  );
}

function goToLine(text: HTMLTextAreaElement | null, line: number): void {
  if (text === null) return;
  const before = text.value
    .split('\n')
    .slice(0, line - 1)
    .join('\n');
  const at = line === 1 ? 0 : before.length + 1;
  text.focus();
  text.setSelectionRange(at, at);
}
