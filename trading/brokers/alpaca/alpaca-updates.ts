import { Alpaca } from '@alpacahq/alpaca-trade-api';
import { z } from 'zod';
import type { VenueOrder } from '../venue/request-verdict.ts';
import type { VenueMessage } from '../venue/venue-broker.ts';
import { ALPACA_ANSWERS, nameText } from './alpaca-answer.ts';

export interface ListenOptions {
  readonly keyId: string;
  readonly secretKey: string;
  readonly url: string;
  /** How often the connection is tried while nothing comes, and how long an answer may take. */
  readonly pingMs?: number | undefined;
  readonly pongMs?: number | undefined;
  readonly onMessage: (message: VenueMessage) => void;
  readonly signal: AbortSignal;
}

const PING_MS = 10_000;
const PONG_MS = 5_000;
/** From opening the connection to being told of orders. */
const OPEN_MS = 15_000;

/** What is read of an update besides its order: the SDK hands on the fields of the frame as they are. */
const updateSchema = z.object({
  event: nameText,
  execution_id: nameText.nullish(),
  previous_execution_id: nameText.nullish(),
  price: ALPACA_ANSWERS.executed.nullish(),
  qty: ALPACA_ANSWERS.executed.nullish(),
  timestamp: z.date().nullish(),
  order: z.record(z.string(), z.unknown()),
});

const EXECUTED = new Set(['fill', 'partial_fill', 'trade_correct']);

/**
 * Alpaca's stream of trade updates until its connection ends; resolves with why. The SDK's own reconnecting is off: the
 * session has to know of every gap, and asks for what it missed.
 */
export function listenToAlpaca(options: ListenOptions): Promise<string> {
  const { keyId, secretKey, url, signal, onMessage } = options;
  return new Promise((resolve) => {
    const stream = new Alpaca({ keyId, secret: secretKey }).trading.stream({
      url,
      reconnect: false,
      pingIntervalMs: options.pingMs ?? PING_MS,
      pongWaitMs: options.pongMs ?? PONG_MS,
    });
    let lastError = 'the connection was closed';
    const end = (why: string): void => {
      // Before anything else: closing the stream is told to us as well.
      resolve(why);
      clearTimeout(opening);
      signal.removeEventListener('abort', onAbort);
      stream.removeAllListeners();
      // The SDK may say something to nobody while it closes.
      stream.onError(() => undefined);
      stream.disconnect();
    };
    const opening = setTimeout(() => end(`no subscription within ${OPEN_MS / 1000} s`), OPEN_MS);
    const onAbort = (): void => end('the session ended it');
    signal.addEventListener('abort', onAbort, { once: true });
    stream.onError((text) => {
      lastError = text;
      if (text === 'auth failed') end('alpaca refused the credentials');
      else if (text.startsWith('failed to ')) onMessage({ kind: 'unreadable', words: text });
    });
    stream.on('subscription', () => {
      clearTimeout(opening);
      onMessage({ kind: 'opened' });
    });
    stream.onTradeUpdate((update) => {
      for (const message of messagesOf(update)) onMessage(message);
    });
    stream.onDisconnect(() => end(lastError));
    stream.subscribeTradeUpdates();
    if (signal.aborted) onAbort();
    else stream.connect();
  });
}

/** What an update says. One that cannot be read is told as such: what it said is to be asked for. */
function messagesOf(update: unknown): VenueMessage[] {
  const read = updateSchema.safeParse(update);
  if (!read.success) return [{ kind: 'unreadable', words: read.error.issues[0]!.message }];
  const { event, execution_id: id, previous_execution_id: previous, price, qty, timestamp } = read.data;
  const messages: VenueMessage[] = [];
  if (event === 'trade_bust' && typeof id === 'string') messages.push({ kind: 'bust', executionId: previous ?? id });
  if (event === 'trade_correct' && typeof previous === 'string') messages.push({ kind: 'bust', executionId: previous });
  const order = orderOf(read.data.order);
  // What is taken back is named, whatever is left of its order.
  if (order === null) {
    return [...messages, { kind: 'unreadable', words: `an update (${event}) without a whole order` }];
  }
  if (!EXECUTED.has(event)) return [...messages, { kind: 'order', order }];
  if (typeof id !== 'string' || typeof price !== 'number' || typeof qty !== 'number') {
    return [
      ...messages,
      { kind: 'unreadable', words: `a ${event} without id, price or quantity` },
      { kind: 'order', order },
    ];
  }
  if (event !== 'trade_correct' && qty > order.filled * (1 + 1e-9)) {
    return [{ kind: 'unreadable', words: `a ${event} of ${qty}, which is more than was executed in all` }];
  }
  const execution = {
    executionId: id,
    venueOrderId: order.venueOrderId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    quantity: order.side * qty,
    price,
    timeMs: timestamp?.getTime() ?? NaN,
    cumulative: event === 'trade_correct' ? null : order.filled,
  };
  return [...messages, { kind: 'execution', execution, order }];
}

/** The SDK has turned the order's names into its own spelling. */
function orderOf(raw: Readonly<Record<string, unknown>>): VenueOrder | null {
  const { id, clientOrderId, symbol, side, status, qty, filledQty, limitPrice, stopPrice } = raw;
  const { replaces, replacedBy, extendedHours } = raw;
  const read = ALPACA_ANSWERS.order.safeParse({
    id,
    client_order_id: clientOrderId,
    symbol,
    side,
    status,
    qty,
    filled_qty: filledQty,
    limit_price: limitPrice,
    stop_price: stopPrice,
    extended_hours: extendedHours,
    replaces,
    replaced_by: replacedBy,
  });
  return read.success ? read.data : null;
}
