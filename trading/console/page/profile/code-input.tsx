import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';

interface CodeInputProps {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly onChange: (code: string) => void;
}

/** A code of an app, which browsers and managers of passwords may fill in. */
export function CodeInput({ label, description, value, onChange }: CodeInputProps): ReactNode {
  return (
    <TextInput
      label={label}
      description={description}
      required
      minLength={6}
      maxLength={40}
      autoComplete="one-time-code"
      autoCapitalize="characters"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-autofocus
    />
  );
}
