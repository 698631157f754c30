import { Button, Checkbox, Select, SegmentedControl, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Choice, Dialog } from '../parts/dialog.tsx';
import { useSession } from '../service/queries.ts';
import type { NewOrder } from '../service/shapes.ts';
import { faultOf, orderOf, PRICES, timesOf, TYPES, type Typed } from './typed-order.ts';
import { OrderReview } from './order-review.tsx';

interface OrderFormProps {
  readonly session: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** An order by hand: what is wanted, then what risk says to it, then it is sent. */
export function OrderForm({ session, isOpen, onClose }: OrderFormProps): ReactNode {
  return (
    <Dialog title={`New order in ${session}`} isOpen={isOpen} onClose={onClose}>
      <Steps session={session} onClose={onClose} />
    </Dialog>
  );
}

const EMPTY: Typed = {
  symbol: null,
  side: 'buy',
  quantity: '',
  orderType: 'market',
  limitPrice: '',
  stopPrice: '',
  timeInForce: 'gtc',
  reduceOnly: false,
};

function Steps({ session, onClose }: Omit<OrderFormProps, 'isOpen'>): ReactNode {
  const [typed, setTyped] = useState(EMPTY);
  const [order, setOrder] = useState<NewOrder | null>(null);
  if (order !== null) return <OrderReview order={order} onBack={() => setOrder(null)} onDone={onClose} />;
  return (
    <Fields
      session={session}
      typed={typed}
      onTyped={(part) => setTyped((before) => ({ ...before, ...part }))}
      onBack={onClose}
      onReady={() => setOrder(orderOf(typed, session))}
    />
  );
}

interface FieldsProps {
  readonly session: string;
  readonly typed: Typed;
  readonly onTyped: (part: Partial<Typed>) => void;
  readonly onBack: () => void;
  readonly onReady: () => void;
}

function Fields({ session, typed, onTyped, onBack, onReady }: FieldsProps): ReactNode {
  const { data } = useSession(session);
  const symbols = Array.isArray(data?.symbols) ? data.symbols : [];
  const [isTried, setTried] = useState(false);
  const fault = faultOf(typed);
  const errorOf = (field: keyof Typed): string | null => (isTried && fault?.field === field ? fault.words : null);
  const number = (field: NumberProps['field'], label: string): ReactNode => (
    <NumberInput field={field} label={label} typed={typed} error={errorOf(field)} onTyped={onTyped} />
  );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (fault === null) onReady();
      }}
    >
      <Stack>
        <SegmentedControl
          aria-label="Side"
          fullWidth
          data={[
            { value: 'buy', label: 'Buy' },
            { value: 'sell', label: 'Sell' },
          ]}
          value={typed.side}
          onChange={(side) => onTyped({ side: side as Typed['side'] })}
        />
        <SimpleGrid cols={2} spacing="sm">
          <Select
            label="Symbol"
            required
            searchable
            data-autofocus
            data={[...symbols]}
            value={typed.symbol}
            error={errorOf('symbol')}
            onChange={(symbol) => onTyped({ symbol })}
          />
          {number('quantity', 'Quantity, units')}
          <Select
            label="Type"
            allowDeselect={false}
            data={TYPES}
            value={typed.orderType}
            onChange={(value) => onTyped({ orderType: value as Typed['orderType'], timeInForce: 'gtc' })}
          />
          <Select
            label="Time in force"
            allowDeselect={false}
            data={timesOf(typed.orderType)}
            value={typed.timeInForce}
            onChange={(value) => onTyped({ timeInForce: value as Typed['timeInForce'] })}
          />
          {PRICES[typed.orderType].includes('stopPrice') ? number('stopPrice', 'Stop price') : null}
          {PRICES[typed.orderType].includes('limitPrice') ? number('limitPrice', 'Limit price') : null}
        </SimpleGrid>
        <Checkbox
          label="Only reduce: never open or turn a position"
          checked={typed.reduceOnly}
          onChange={(event) => onTyped({ reduceOnly: event.currentTarget.checked })}
        />
        <Choice onBack={onBack}>
          <Button type="submit">What would risk say</Button>
        </Choice>
      </Stack>
    </form>
  );
}

interface NumberProps extends Pick<FieldsProps, 'typed' | 'onTyped'> {
  readonly field: 'quantity' | 'limitPrice' | 'stopPrice';
  readonly label: string;
  readonly error: string | null;
}

/** A number as it is typed: what is none is said once the order is to be looked at. */
function NumberInput({ field, label, typed, error, onTyped }: NumberProps): ReactNode {
  return (
    <TextInput
      label={label}
      required
      inputMode="decimal"
      autoComplete="off"
      value={typed[field]}
      error={error}
      onChange={(event) => onTyped({ [field]: event.currentTarget.value })}
    />
  );
}
