import { Modal, Stack, Text, TextInput, UnstyledButton, Group } from '@mantine/core';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { Icon, type IconName } from '../parts/icons.tsx';
import styles from './palette.module.css';

export interface Deed {
  readonly title: string;
  readonly group: string;
  readonly icon: IconName;
  readonly keys?: string;
  readonly run: () => void;
}

interface PaletteProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly deeds: readonly Deed[];
}

const SHOWN_MAX = 40;

/** Everything that can be done or opened, found by typing some of its letters. */
export function Palette({ isOpen, onClose, deeds }: PaletteProps): ReactNode {
  return (
    <Modal.Root opened={isOpen} onClose={onClose} size="lg" yOffset="12vh">
      <Modal.Overlay />
      <Modal.Content aria-label="Commands">{isOpen ? <Finder onClose={onClose} deeds={deeds} /> : null}</Modal.Content>
    </Modal.Root>
  );
}

function Finder({ onClose, deeds }: Omit<PaletteProps, 'isOpen'>): ReactNode {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const found = deeds.filter(({ title, group }) => fits(`${group} ${title}`, typed)).slice(0, SHOWN_MAX);
  const run = (deed: Deed | undefined): void => {
    if (deed === undefined) return;
    onClose();
    deed.run();
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((before) => (before + step + found.length) % Math.max(1, found.length));
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      run(found[at]);
    }
  };
  return (
    <div onKeyDown={onKey}>
      <TextInput
        data-autofocus
        size="md"
        placeholder="Go to a screen, a session, or do something"
        aria-label="Command"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found.length === 0 ? undefined : `palette-${at}`}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        styles={{
          input: { border: 0, borderBottom: '1px solid var(--mantine-color-default-border)', borderRadius: 0 },
        }}
      />
      <DeedList deeds={found} at={at} onAt={setAt} onRun={run} />
      {found.length === 0 ? (
        <Text p="md" size="sm" c="dimmed">
          Nothing is called that.
        </Text>
      ) : null}
    </div>
  );
}

interface DeedListProps {
  readonly deeds: readonly Deed[];
  readonly at: number;
  readonly onAt: (at: number) => void;
  readonly onRun: (deed: Deed) => void;
}

function DeedList({ deeds, at, onAt, onRun }: DeedListProps): ReactNode {
  return (
    <Stack
      gap={0}
      p={6}
      mah="50vh"
      style={{ overflowY: 'auto' }}
      role="listbox"
      id="palette-list"
      aria-label="Commands"
    >
      {deeds.map((deed, index) => (
        <UnstyledButton
          key={`${deed.group} ${deed.title}`}
          id={`palette-${index}`}
          role="option"
          aria-selected={index === at}
          tabIndex={-1}
          className={styles['deed']}
          onClick={() => onRun(deed)}
          onMouseMove={() => onAt(index)}
        >
          <Group gap="sm" wrap="nowrap">
            <Icon name={deed.icon} />
            <Text size="sm" style={{ flex: 1 }}>
              {deed.title}
            </Text>
            <Text size="xs" className={styles['group']}>
              {deed.keys ?? deed.group}
            </Text>
          </Group>
        </UnstyledButton>
      ))}
    </Stack>
  );
}

/** Whether the letters come in that order, words apart. */
function fits(title: string, typed: string): boolean {
  const text = title.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
