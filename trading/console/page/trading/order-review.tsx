import { Alert, Button, Loader, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Choice, Reason } from '../parts/dialog.tsx';
import { useFormats, type Formats } from '../parts/formats.ts';
import { KeyValues } from '../parts/key-values.tsx';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import { useDeed } from '../service/deed.ts';
import type { Evaluated, NewOrder } from '../service/shapes.ts';

interface ReviewProps {
  readonly order: NewOrder;
  readonly onBack: () => void;
  readonly onDone: () => void;
  /** What the button that sends it says. */
  readonly send?: string;
}

interface Placed {
  readonly outcome: 'ordered' | 'in-parts' | 'waiting';
  readonly order: number | null;
  readonly quantity: number | null;
}

/** What risk would say to an order now, and the button that sends it. */
export function OrderReview({ order, onBack, onDone, send = 'Send the order' }: ReviewProps): ReactNode {
  const formats = useFormats();
  const [reason, setReason] = useState('');
  const verdict = useQuery({
    queryKey: ['evaluate', order],
    queryFn: ({ signal }) => ask<Evaluated>('POST', '/api/v1/risk/evaluate', { body: order, signal }),
    gcTime: 0,
    staleTime: 0,
  });
  const placing = useDeed<Placed>({
    isRepeatable: true,
    onDone,
    said: ({ outcome, order: number, quantity }) => ({
      title: titleOf(order, formats),
      message:
        outcome === 'waiting'
          ? 'The session has yet to take it up.'
          : number === null
            ? 'It is executed in parts.'
            : `Order ${number} of ${formats.exact(quantity)} works.`,
    }),
  });
  const isRefused = verdict.data?.outcome === 'refused';
  return (
    <Stack>
      <Text fw={600}>{titleOf(order, formats)}</Text>
      {verdict.isPending ? <Loader size="sm" aria-label="Asking risk" /> : null}
      <Wrong error={verdict.error} />
      {verdict.data === undefined ? null : <Verdict verdict={verdict.data} asked={order.quantity} />}
      {isRefused ? null : <Reason value={reason} onChange={setReason} />}
      <Wrong error={placing.error} />
      <Choice onBack={onBack}>
        <Button
          color={order.side === 'buy' ? 'teal.9' : 'red.9'}
          disabled={verdict.data === undefined || isRefused}
          loading={placing.isPending}
          onClick={() => placing.mutate({ method: 'POST', path: '/api/v1/orders', body: { ...order, reason } })}
        >
          {send}
        </Button>
      </Choice>
    </Stack>
  );
}

/** An order in words: what is bought or sold, and on what terms. */
function titleOf({ side, quantity, symbol, limitPrice, stopPrice, timeInForce }: NewOrder, formats: Formats) {
  const prices = [
    ...(stopPrice === undefined ? [] : [`stop ${formats.price(stopPrice)}`]),
    ...(limitPrice === undefined ? [] : [`limit ${formats.price(limitPrice)}`]),
  ];
  const terms = prices.length === 0 ? 'at the market' : prices.join(', ');
  const until = timeInForce === undefined ? '' : `, ${timeInForce}`;
  return `${side === 'buy' ? 'Buy' : 'Sell'} ${formats.exact(quantity)} ${symbol} ${terms}${until}`;
}

function Verdict({ verdict, asked }: { readonly verdict: Evaluated; readonly asked: number }): ReactNode {
  const formats = useFormats();
  const { refusal, quantity, value, shareOfEquity, fee, clippedBy, reduces, inParts, held, lastPrice } = verdict;
  if (refusal !== null) {
    return (
      <Alert color="red" variant="light" role="alert" title="Risk would refuse it">
        <Text size="sm">{refusal.reason}</Text>
        {refusal.remedy === null ? null : (
          <Text size="sm" mt={4}>
            {refusal.remedy}
          </Text>
        )}
      </Alert>
    );
  }
  return (
    <>
      {quantity! < asked ? (
        <Alert color="yellow" variant="light" title={`Cut to ${formats.exact(quantity)}`}>
          <Text size="sm">By {clippedBy?.replaceAll('-', ' ') ?? 'the lot of the instrument'}.</Text>
        </Alert>
      ) : null}
      <KeyValues
        value={{
          value: formats.money(value),
          'share of equity': formats.percent(shareOfEquity, 2),
          fee: fee === null ? 'not known before the first fill' : `about ${formats.money(fee)}`,
          held: formats.exact(held),
          'last price': formats.price(lastPrice),
          'does to the position': reduces === true ? 'reduces it' : 'opens or adds to it',
          ...(inParts === true ? { execution: 'in parts, over time' } : {}),
        }}
      />
    </>
  );
}
