import { Button, Group, Modal, Textarea } from '@mantine/core';
import type { ReactNode } from 'react';

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A dialog over the page. What stands in it begins anew each time that it is opened. */
export function Dialog({ title, isOpen, onClose, children }: DialogProps): ReactNode {
  return (
    <Modal opened={isOpen} onClose={onClose} title={title} centered closeButtonProps={{ 'aria-label': 'Close' }}>
      {isOpen ? children : null}
    </Modal>
  );
}

interface ReasonProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly required?: boolean;
}

/** Why somebody does what they are about to do. */
export function Reason({ value, onChange, required = false }: ReasonProps): ReactNode {
  return (
    <Textarea
      label="Why"
      description="It is recorded with your name."
      required={required}
      value={value}
      maxLength={1_000}
      autosize
      minRows={1}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

interface ChoiceProps {
  readonly onBack: () => void;
  readonly back?: string;
  readonly children: ReactNode;
}

/** At the end of a dialog: back, or what it is for. */
export function Choice({ onBack, back = 'Back', children }: ChoiceProps): ReactNode {
  return (
    <Group justify="flex-end" gap="xs" wrap="nowrap">
      <Button variant="default" onClick={onBack}>
        {back}
      </Button>
      {children}
    </Group>
  );
}
