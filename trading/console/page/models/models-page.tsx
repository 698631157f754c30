import { Button, Checkbox, Group, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { useMay } from '../sign-in/me.tsx';
import { CompareVersions } from './compare-versions.tsx';
import { figuresOf } from './figures-of.ts';
import { referenceOf, useVersions, type Version } from './model-queries.ts';
import { PromoteDialog, type PromotionAsked } from './promote-dialog.tsx';
import { VersionPanel } from './version-panel.tsx';

/** The registry: what was trained, which version trades, and what each is worth. */
export function ModelsPage(): ReactNode {
  const { data = [], error, isPending } = useVersions();
  const [chosen, setChosen] = useState<string | null>(null);
  const [compared, setCompared] = useState<readonly string[]>([]);
  const [asked, setAsked] = useState<PromotionAsked | null>(null);
  const mayPromote = useMay('models:promote');
  const shown = data.find((one) => referenceOf(one) === chosen) ?? null;
  const both = data.filter((one) => compared.includes(referenceOf(one)));
  const toggle = (reference: string): void =>
    setCompared((before) =>
      before.includes(reference) ? before.filter((one) => one !== reference) : [...before.slice(-3), reference],
    );
  return (
    <Stack>
      <Title order={1} size="h3">
        Models
      </Title>
      <Wrong error={error} />
      <RowsTable
        label="Models"
        columns={useColumns({ compared, onCompare: toggle, onShow: setChosen })}
        rows={[...data].reverse()}
        keyOf={referenceOf}
        empty={isPending ? 'Loading' : 'No model yet. Train one: signalbox run default.'}
        heightMax="40vh"
      />
      {data.length < 2 ? null : both.length < 2 ? (
        <Text size="sm" c="dimmed">
          Tick two or more versions to compare them.
        </Text>
      ) : (
        <CompareVersions versions={both} />
      )}
      {shown === null ? null : (
        <section aria-label={`Version ${referenceOf(shown)}`}>
          <Group justify="space-between" mb="xs">
            <Group gap="xs">
              <Title order={2} size="h4">
                {referenceOf(shown)}
              </Title>
              {shown.aliases.map((alias) => (
                <State key={alias} word={alias} />
              ))}
            </Group>
            {mayPromote ? <Deeds version={shown} onAsk={setAsked} /> : null}
          </Group>
          <VersionPanel key={referenceOf(shown)} reference={referenceOf(shown)} />
        </section>
      )}
      <PromoteDialog asked={asked} onClose={() => setAsked(null)} />
    </Stack>
  );
}

function Deeds({
  version,
  onAsk,
}: {
  readonly version: Version;
  readonly onAsk: (asked: PromotionAsked) => void;
}): ReactNode {
  const isChampion = version.aliases.includes('champion');
  return isChampion ? (
    <Button size="xs" variant="default" onClick={() => onAsk({ does: 'rollback', model: version.name })}>
      Roll back
    </Button>
  ) : (
    <Button size="xs" onClick={() => onAsk({ does: 'promote', model: referenceOf(version) })}>
      Promote
    </Button>
  );
}

interface ColumnsProps {
  readonly compared: readonly string[];
  readonly onCompare: (reference: string) => void;
  readonly onShow: (reference: string) => void;
}

function useColumns({ compared, onCompare, onShow }: ColumnsProps): readonly Column<Version>[] {
  const formats = useFormats();
  return [
    {
      title: '',
      width: 40,
      grow: 0,
      cell: (one) => (
        <Checkbox
          size="xs"
          aria-label={`Compare ${referenceOf(one)}`}
          checked={compared.includes(referenceOf(one))}
          onChange={() => onCompare(referenceOf(one))}
        />
      ),
    },
    {
      title: 'Version',
      width: 118,
      grow: 3,
      cell: (one) => (
        <UnstyledButton className="row-link" fz="sm" onClick={() => onShow(referenceOf(one))}>
          {referenceOf(one)}
        </UnstyledButton>
      ),
    },
    {
      title: 'Alias',
      width: 116,
      cell: ({ aliases }) => aliases.map((alias) => <State key={alias} word={alias} />),
    },
    { title: 'Made', width: 182, wide: true, cell: ({ made }) => formats.moment(made) },
    {
      title: 'Expires',
      width: 182,
      wide: true,
      cell: ({ expires, expired }) => (expired ? <State word="expired" /> : formats.moment(expires)),
    },
    { title: 'AUC', width: 72, isNumber: true, wide: true, cell: (one) => formats.number(figuresOf(one).auc, 3) },
    {
      title: 'Log loss',
      width: 90,
      isNumber: true,
      wide: true,
      cell: (one) => formats.number(figuresOf(one).logLoss, 4),
    },
    { title: 'Sharpe', width: 80, isNumber: true, wide: true, cell: (one) => formats.number(figuresOf(one).sharpe) },
    {
      title: 'Verdict',
      width: 104,
      cell: (one) => {
        const { verdict } = figuresOf(one);
        return verdict === null ? '' : <State word={verdict} />;
      },
    },
    { title: 'Hash', width: 92, wide: true, cell: ({ hash }) => <span title={hash}>{hash.slice(0, 8)}</span> },
  ];
}
