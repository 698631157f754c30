import { SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Figure } from '../parts/figure.tsx';
import { useFormats } from '../parts/formats.ts';
import { Profit } from '../parts/words.tsx';
import { sumsOf, type OverviewRow, type Sum } from './sums-of.ts';

/** What all that runs comes to, of each currency by itself. */
export function Sums({ rows }: { readonly rows: readonly OverviewRow[] }): ReactNode {
  const formats = useFormats();
  const running = rows.filter(({ session }) => session.state === 'running');
  const sums = sumsOf(rows);
  const halted = running.filter(({ session }) => session.killState !== null && session.killState !== 'run').length;
  const note = sums.length > 1 ? 'of what runs, by currency' : 'of what runs';
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
      <Figure title="Sessions that run" note={halted === 0 ? 'all of them trade' : `${halted} held back`}>
        {running.length}
      </Figure>
      <Figure title="Equity" note={note}>
        <Each sums={sums} of={({ equity }) => formats.money(equity)} />
      </Figure>
      <Figure title="Profit of the day" note={note}>
        <Each sums={sums} of={({ dayPnl }) => <Profit value={dayPnl} />} />
      </Figure>
      <Figure title="Gross exposure" note={note}>
        <Each
          sums={sums}
          of={({ gross, equity }) => (
            <>
              {formats.money(gross)}
              {equity > 0 ? (
                <Text span size="xs" c="dimmed">
                  {' '}
                  {formats.percent(gross / equity)} of equity
                </Text>
              ) : null}
            </>
          )}
        />
      </Figure>
    </SimpleGrid>
  );
}

function Each({ sums, of }: { readonly sums: readonly Sum[]; readonly of: (sum: Sum) => ReactNode }): ReactNode {
  if (sums.length === 0) return '–';
  return (
    <Stack gap={0}>
      {sums.map((sum) => (
        <span key={`${sum.currency} ${sum.session}`}>
          {of(sum)}{' '}
          <Text span size="xs" c="dimmed">
            {sum.currency ?? sum.session}
          </Text>
        </span>
      ))}
    </Stack>
  );
}
