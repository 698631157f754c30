import { Anchor, List, SimpleGrid, Stack, Tabs, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { KeyValues } from '../parts/key-values.tsx';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { CalibrationPlot } from './calibration-plot.tsx';
import { figuresOf } from './figures-of.ts';
import { useCard, type Card, type Decision } from './model-queries.ts';
import { PredictionsTable } from './predictions-table.tsx';
import { Criteria } from './promote-dialog.tsx';
import { WatchedView } from './watched-view.tsx';

/** All about one version. */
export function VersionPanel({ reference }: { readonly reference: string }): ReactNode {
  const { data: card, error, isPending } = useCard(reference);
  if (card === undefined) return isPending ? <Text size="sm">Loading</Text> : <Wrong error={error} />;
  return (
    <Tabs defaultValue="card" keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="card">Card</Tabs.Tab>
        <Tabs.Tab value="calibration">Calibration</Tabs.Tab>
        <Tabs.Tab value="monitoring">Monitoring</Tabs.Tab>
        <Tabs.Tab value="predictions">Predictions</Tabs.Tab>
        <Tabs.Tab value="decisions">Decisions</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="card" pt="sm">
        <CardView card={card} />
      </Tabs.Panel>
      <Tabs.Panel value="calibration" pt="sm">
        <Calibration card={card} />
      </Tabs.Panel>
      <Tabs.Panel value="monitoring" pt="sm">
        <WatchedView reference={reference} />
      </Tabs.Panel>
      <Tabs.Panel value="predictions" pt="sm">
        <PredictionsTable reference={reference} />
      </Tabs.Panel>
      <Tabs.Panel value="decisions" pt="sm">
        <Decisions decisions={card.decisions} />
      </Tabs.Panel>
    </Tabs>
  );
}

function CardView({ card }: { readonly card: Card }): ReactNode {
  const { data, lineage } = card;
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Part title="What it is">
          <KeyValues
            value={{
              members: card.members.map(({ name, kind }) => `${name} (${kind})`),
              combiner: card.combiner,
              calibrated: card.calibrated,
              features: card.features,
              labels: card.labels,
              hash: card.hash,
              made: card.made,
              expires: card.expires,
            }}
          />
        </Part>
        <Part title="What it learned from">
          <KeyValues
            value={{
              source: data.source,
              statement: data.statement,
              symbols: data.symbols,
              timeframe: data.timeframe,
              from: data.from,
              to: data.to,
              rows: data.rows,
              dataHash: data.dataHash,
              training: lineage.training,
              experiment: lineage.experimentHash,
            }}
          />
          <Run run={lineage.run} />
        </Part>
        <Part title="What it showed out of sample">
          <KeyValues value={{ ...figuresOf(card), trials: card.trials }} decimals={4} />
        </Part>
        <Part title="What it is not for">
          <List size="sm">
            {[...card.limitsOfUse, ...card.findings].map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
        </Part>
      </SimpleGrid>
      <Folds folds={card.folds} />
    </Stack>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section>
      <Title order={3} size="h6" mb={4}>
        {title}
      </Title>
      {children}
    </section>
  );
}

function Run({ run }: { readonly run: Card['lineage']['run'] }): ReactNode {
  if (run === null) {
    return (
      <Text size="sm" c="dimmed">
        The tracking server has not been told of its training.
      </Text>
    );
  }
  if (run.address === null) return <Text size="sm">Run {run.id} of MLflow</Text>;
  return (
    <Anchor href={run.address} target="_blank" rel="noreferrer" size="sm">
      Run {run.id} in MLflow
    </Anchor>
  );
}

type Fold = Card['folds'][number];

function Folds({ folds }: { readonly folds: readonly Fold[] }): ReactNode {
  const formats = useFormats();
  const columns: readonly Column<Fold>[] = [
    { title: 'Fold', width: 60, cell: ({ fold }) => fold },
    { title: 'Tested from', width: 110, grow: 2, cell: ({ from }) => from.slice(0, 10) },
    { title: 'to', width: 110, grow: 2, wide: true, cell: ({ to }) => to.slice(0, 10) },
    { title: 'AUC', width: 80, isNumber: true, cell: ({ auc }) => formats.number(auc, 3) },
    { title: 'Log loss', width: 90, isNumber: true, cell: ({ logLoss }) => formats.number(logLoss, 4) },
    { title: 'Brier', width: 80, isNumber: true, wide: true, cell: ({ brier }) => formats.number(brier, 4) },
    { title: 'Hit rate', width: 90, isNumber: true, wide: true, cell: ({ hitRate }) => formats.percent(hitRate) },
  ];
  return (
    <Part title="Folds">
      <RowsTable
        label="Folds"
        columns={columns}
        rows={folds}
        keyOf={({ fold }) => fold}
        empty="None"
        heightMax="30vh"
      />
    </Part>
  );
}

function Calibration({ card }: { readonly card: Card }): ReactNode {
  const bins = card.outOfSample?.calibration ?? [];
  if (bins.length === 0)
    return <Text size="sm">Nothing was predicted out of sample yet: signalbox run does that.</Text>;
  return <CalibrationPlot bins={bins} of="predictions out of sample" />;
}

function Decisions({ decisions }: { readonly decisions: readonly Decision[] }): ReactNode {
  const formats = useFormats();
  if (decisions.length === 0) return <Text size="sm">It was never offered to the gate.</Text>;
  return (
    <Stack>
      {[...decisions].reverse().map((decision) => (
        <section key={decision.decidedAtMs}>
          <Text size="sm" fw={600}>
            {formats.moment(decision.decidedAtMs)} <State word={decision.outcome} />{' '}
            {decision.reason === null || decision.reason === undefined ? '' : `because: ${decision.reason}`}
          </Text>
          <Criteria decision={decision} />
        </section>
      ))}
    </Stack>
  );
}
