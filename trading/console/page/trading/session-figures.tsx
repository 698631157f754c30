import { SimpleGrid } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { Figure } from '../parts/figure.tsx';
import { Profit, Wrong } from '../parts/words.tsx';
import { useAccounts } from '../service/queries.ts';

/** The account of a session in a few figures, on its own books and by the word of its venue. */
export function SessionFigures({ id }: { readonly id: string }): ReactNode {
  const formats = useFormats();
  const { data, error } = useAccounts(id);
  const account = data?.[0];
  const ours = account?.ours ?? null;
  const venue = account?.venue ?? null;
  const currency = venue?.currency ?? '';
  if (error !== null) return <Wrong error={error} />;
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
      <Figure
        title="Equity"
        note={venue === null ? 'on our books' : `venue ${formats.money(venue.equity)} ${currency}`}
      >
        {formats.money(ours?.equity ?? account?.equity)}
      </Figure>
      <Figure title="Profit of the day" note={formats.percent(ours?.dayReturn, 2, true)}>
        <Profit value={ours?.dayPnl} />
      </Figure>
      <Figure title="Realised" note={`fees ${formats.money(ours?.fees)}`}>
        <Profit value={ours?.realised} />
      </Figure>
      <Figure title="Unrealised" note="at the last bar">
        <Profit value={ours?.unrealised} />
      </Figure>
      <Figure title="Cash" note={`buying power ${formats.money(ours?.buyingPower)}`}>
        {formats.money(ours?.cash ?? account?.cash)}
      </Figure>
      <Figure title="Leverage" note={`of at most ${formats.number(ours?.leverageMax)}`}>
        {formats.number(ours?.leverage)}
      </Figure>
    </SimpleGrid>
  );
}
