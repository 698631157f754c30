import type { WebsocketClient } from 'binance';
import { listenBySdk, type SdkStreamOptions } from '../sdk-stream.ts';
import { FUTURES_ANSWERS, type FuturesAlgoReport, type FuturesReport } from './futures-answer.ts';

export interface MarginCalled {
  readonly symbol: string;
  readonly equity: number;
  readonly needed: number;
}

/** `url` is that of the streams of user data. */
export interface FuturesListenOptions extends SdkStreamOptions {
  /** A key under which the account's data are told. @throws SignalboxError */
  readonly makeKey: () => Promise<string>;
  /** Keeps the key valid for another hour: false where there is no such key any more. @throws SignalboxError */
  readonly keepKey: () => Promise<boolean>;
  readonly keepMs?: number | undefined;
  readonly onOrder: (report: FuturesReport) => void;
  readonly onAlgo: (report: FuturesAlgoReport) => void;
  readonly onPayment: () => void;
  readonly onMarginCall: (call: MarginCalled) => void;
}

/** A key ends after an hour: it is kept twice within it. */
const KEEP_MS = 25 * 60_000;
/** What keeping it is tried again after, where it was not answered. */
const AGAIN_SHARE = 0.1;
/** Of the balance, what comes with executions, and what is asked for as payments. */
const BY_ORDERS: ReadonlySet<unknown> = new Set(['ORDER', 'MARGIN_TYPE_CHANGE', 'AUTO_EXCHANGE']);
const BY_PAYMENTS: ReadonlySet<unknown> = new Set(['FUNDING_FEE', 'INSURANCE_CLEAR']);

/**
 * Binance's user data of USD-M futures until the connection or its key ends; resolves with why. Whoever opens it again
 * gets a new key.
 */
export function listenToFutures(options: FuturesListenOptions): Promise<string> {
  let keeping: NodeJS.Timeout | undefined;
  const keep = (end: (why: string) => void, waitMs: number): void => {
    keeping = setTimeout(() => {
      const { keepMs = KEEP_MS } = options;
      options.keepKey().then(
        (kept) => (kept ? keep(end, keepMs) : end('its key has ended')),
        () => keep(end, keepMs * AGAIN_SHARE),
      );
    }, waitMs);
    keeping.unref();
  };
  return listenBySdk(options, {
    open: async (client, end) => {
      await connect(client, options);
      keep(end, options.keepMs ?? KEEP_MS);
    },
    take: (message, end) => take(message, options, end),
    close: () => clearTimeout(keeping),
  });
}

/** Under a name by which the SDK knows what it is: it looks for the key there when that has ended. */
async function connect(client: WebsocketClient, { url, makeKey }: FuturesListenOptions): Promise<unknown> {
  const key = await makeKey();
  const connection = `usdm_userData__${key}_usdmPrivate` as Parameters<WebsocketClient['connect']>[0];
  return client.connect(connection, `${url.replace(/\/+$/, '')}/private/ws/${key}`, true);
}

/** What a message says. One that cannot be read is told as such: what it said is to be asked for. */
function take(message: unknown, options: FuturesListenOptions, end: (why: string) => void): void {
  const { e: event, o: told, a: balances } = (message ?? {}) as Record<'e' | 'o' | 'a', unknown>;
  if (event === 'listenKeyExpired') return end('its key has expired');
  if (event === 'serverShutdown') return end('the server shuts down');
  if (event === 'ORDER_TRADE_UPDATE') {
    const read = FUTURES_ANSWERS.report.safeParse(told);
    if (read.success) options.onOrder(read.data);
    else options.onDoubt(`an update of an order without ${read.error.issues[0]!.path.join('.') || 'fields'}`);
  } else if (event === 'ALGO_UPDATE') {
    const read = FUTURES_ANSWERS.algoReport.safeParse(told);
    if (read.success) options.onAlgo(read.data);
    else options.onDoubt(`an update of a conditional order without ${read.error.issues[0]!.path.join('.')}`);
  } else if (event === 'ACCOUNT_UPDATE') takeBalances(balances, options);
  else if (event === 'ACCOUNT_CONFIG_UPDATE') options.onDoubt('leverage or margin mode was changed from outside');
  else if (event === 'MARGIN_CALL') takeMarginCall(message, options);
}

function takeBalances(told: unknown, { onPayment, onDoubt }: FuturesListenOptions): void {
  const why = ((told ?? {}) as { m?: unknown }).m;
  if (BY_PAYMENTS.has(why)) onPayment();
  else if (!BY_ORDERS.has(why)) onDoubt(`the balance was changed from outside (${String(why)})`);
}

/** Positions with a margin of their own stand alone; the others are backed by one wallet together. */
function takeMarginCall(message: unknown, { onMarginCall, onDoubt }: FuturesListenOptions): void {
  const read = FUTURES_ANSWERS.marginCall.safeParse(message);
  if (!read.success) return onDoubt('a call for margin that cannot be read');
  const { cw, p: positions } = read.data;
  const shared = positions.filter(({ mt }) => mt?.toUpperCase() !== 'ISOLATED');
  const sum = (of: 'up' | 'mm'): number => shared.reduce((all, one) => all + one[of], 0);
  for (const { s: symbol, iw, up, mm, mt } of positions) {
    const isOwn = mt?.toUpperCase() === 'ISOLATED';
    const [wallet, profit, needed] = isOwn ? [iw ?? 0, up, mm] : [cw ?? 0, sum('up'), sum('mm')];
    onMarginCall({ symbol, equity: wallet + profit, needed });
  }
}
