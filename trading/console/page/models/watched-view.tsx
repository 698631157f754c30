import { SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Figure } from '../parts/figure.tsx';
import { useFormats } from '../parts/formats.ts';
import { KeyValues } from '../parts/key-values.tsx';
import { LinePlot } from '../parts/line-plot.tsx';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { CalibrationPlot } from './calibration-plot.tsx';
import { useWatched, type Watched } from './model-queries.ts';

type Look = Watched['looks'][number];

/** How a version does after its training: drift, scores, calibration, and what followed. */
export function WatchedView({ reference }: { readonly reference: string }): ReactNode {
  const { data, error, isPending } = useWatched(reference);
  if (data === undefined) return isPending ? <Text size="sm">Loading</Text> : <Wrong error={error} />;
  const [latest] = data.looks;
  return (
    <Stack>
      {latest === undefined ? (
        <Text size="sm">Nobody has looked at it yet: signalbox monitor does, and signalbox schedule at times.</Text>
      ) : (
        <>
          <Latest look={latest} />
          <Evidence looks={data.looks} />
          <Looks looks={data.looks} />
        </>
      )}
      {data.calibration === null ? (
        <Text size="sm" c="dimmed">
          Too few of its live predictions have a label for a calibration curve.
        </Text>
      ) : (
        <CalibrationPlot bins={data.calibration} of="live predictions" />
      )}
      {data.actions.length === 0 ? null : <Actions actions={data.actions} />}
    </Stack>
  );
}

function Latest({ look }: { readonly look: Look }): ReactNode {
  const formats = useFormats();
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
      <Figure title="Alarms" note={`as of ${formats.moment(look.asOf)}`}>
        {look.alarms.length === 0 ? 'none' : look.alarms.join(', ')}
      </Figure>
      <Figure title="Rows unlike training" note={`expected ${formats.percent(look.novelExpected)}`}>
        {formats.percent(look.novelShare)}
      </Figure>
      <Figure title="Log loss, live" note={`expected ${formats.number(look.logLossExpected, 4)}`}>
        {formats.number(look.logLoss, 4)}
      </Figure>
      <Figure title="Predictions" note={`${formats.exact(look.labelled)} with a label`}>
        {formats.exact(look.predictions)}
      </Figure>
    </SimpleGrid>
  );
}

/** Evidence against the version as a share of what raises an alarm. */
function Evidence({ looks }: { readonly looks: readonly Look[] }): ReactNode {
  const formats = useFormats();
  const pointsOf = (of: (look: Look) => number | null) =>
    [...looks].reverse().flatMap((look) => {
      const y = of(look);
      return y === null ? [] : [{ x: Date.parse(look.asOf), y: Math.min(y, 1.2) }];
    });
  const score = pointsOf(({ scoreEvidence }) => scoreEvidence);
  if (score.length < 2) return null;
  return (
    <LinePlot
      label="Evidence that scores and calibration are worse than expected, as shares of what raises an alarm"
      x={{ title: 'newest bar', tick: (timeMs) => formats.moment(timeMs).slice(0, 10) }}
      y={{ title: 'Share of an alarm', tick: (share) => formats.percent(share, 0), range: [0, 1.2] }}
      lines={[
        { name: 'scores', colour: 'var(--mantine-primary-color-filled)', points: score },
        {
          name: 'calibration',
          colour: 'var(--mantine-color-orange-6)',
          points: pointsOf(({ calibrationEvidence }) => calibrationEvidence),
        },
      ]}
    />
  );
}

function Looks({ looks }: { readonly looks: readonly Look[] }): ReactNode {
  const formats = useFormats();
  const columns: readonly Column<Look>[] = [
    { title: 'As of', width: 184, cell: ({ asOf }) => formats.moment(asOf) },
    {
      title: 'Alarms',
      width: 130,
      grow: 3,
      cell: ({ alarms }) => (alarms.length === 0 ? 'none' : alarms.map((one) => <State key={one} word={one} />)),
    },
    {
      title: 'Unlike training',
      width: 124,
      isNumber: true,
      wide: true,
      cell: (one) => formats.percent(one.novelShare),
    },
    { title: 'Log loss', width: 96, isNumber: true, cell: ({ logLoss }) => formats.number(logLoss, 4) },
    {
      title: 'Expected',
      width: 96,
      isNumber: true,
      wide: true,
      cell: ({ logLossExpected }) => formats.number(logLossExpected, 4),
    },
    { title: 'Labelled', width: 96, isNumber: true, wide: true, cell: ({ labelled }) => formats.exact(labelled) },
  ];
  return (
    <RowsTable label="Looks" columns={columns} rows={looks} keyOf={({ asOf }) => asOf} empty="None" heightMax="34vh" />
  );
}

function Actions({ actions }: { readonly actions: Watched['actions'] }): ReactNode {
  return (
    <section>
      <Title order={3} size="h6" mb={4}>
        What followed
      </Title>
      {actions.map(({ asOf, kind, detail }) => (
        <KeyValues key={`${asOf} ${kind}`} value={{ asOf, kind, detail }} />
      ))}
    </section>
  );
}
