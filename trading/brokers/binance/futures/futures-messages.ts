import type { ForcedBy } from '../../../venue-event.ts';
import type { VenueMessage } from '../../venue/venue-broker.ts';
import type { VenueOrder } from '../../venue/request-verdict.ts';
import { executionOf } from '../binance-fills.ts';
import type { BinanceMarkets } from '../binance-markets.ts';
import type { BinanceOrders } from '../binance-orders.ts';
import type { FuturesAlgoReport, FuturesReport } from './futures-answer.ts';

/** Orders that the exchange made by itself, by the ids that it gives them. */
const FORCED: readonly (readonly [RegExp, ForcedBy])[] = [
  [/^autoclose-/, 'liquidation'],
  [/^adl_autoclose/, 'deleveraging'],
  [/^settlement_autoclose-/, 'settlement'],
];
export const forcedBy = (clientOrderId: string): ForcedBy | undefined =>
  FORCED.find(([id]) => id.test(clientOrderId))?.[1];

/** Types of orders that came from the algo service. */
const CONDITIONAL = /STOP|TAKE_PROFIT/;
export const isConditional = (type: string | null | undefined): boolean => CONDITIONAL.test(type ?? '');

/** `CALCULATED`: of a liquidation. */
const EXECUTED: ReadonlySet<string> = new Set(['TRADE', 'CALCULATED']);

/** What the stream of user data says of orders, in neutral words. */
export class FuturesMessages {
  readonly #orders: BinanceOrders;
  readonly #markets: BinanceMarkets;

  constructor(orders: BinanceOrders, markets: BinanceMarkets) {
    this.#orders = orders;
    this.#markets = markets;
  }

  ofOrder(report: FuturesReport): VenueMessage[] {
    const market = this.#markets.pairOf(report.s);
    if (market === null) return [];
    const { i: orderId, t: tradeId, l: quantity, L: price, n: commission, N: asset, T: timeMs } = report;
    const clientOrderId = this.#orders.clientIdOf(report.s, orderId) ?? report.c;
    const forced = forcedBy(report.c);
    const isKnown = this.#orders.isStop(clientOrderId) !== undefined;
    if (!isKnown && forced === undefined && isConditional(report.ot)) {
      return [{ kind: 'unreadable', words: 'an order that a conditional one became' }];
    }
    const shown = { symbol: report.s, orderId, clientOrderId, side: report.S, status: report.X };
    const plain = (): VenueOrder =>
      this.#orders.shown({ ...shown, origQty: report.q, executedQty: report.z }, market.name);
    if (!EXECUTED.has(report.x)) return [{ kind: 'order', order: plain() }];
    const doubt = (words: string): VenueMessage[] => [
      { kind: 'unreadable', words },
      { kind: 'order', order: plain() },
    ];
    if (!tradeId || tradeId === '0' || !quantity || !price || !timeMs) {
      return doubt('an execution without number, price or quantity');
    }
    const fill = { symbol: report.s, tradeId, orderId, clientOrderId, side: report.S, quantity, price };
    const whole = { ...fill, commission: commission ?? 0n, commissionAsset: asset ?? '', timeMs };
    const worth = whole.commission === 0n ? 0 : this.#markets.knownWorth(whole.commissionAsset, market);
    if (worth === null) return doubt(`a commission in ${whole.commissionAsset}, whose worth is not known yet`);
    return [{ kind: 'execution', execution: { ...executionOf(whole, market, worth), forced }, order: plain() }];
  }

  /** One that was triggered goes on as an order of the exchange, which is told of by itself. */
  ofAlgo({
    s: symbol,
    caid: clientOrderId,
    aid,
    S: side,
    q: origQty,
    X: status,
    ai,
  }: FuturesAlgoReport): VenueMessage[] {
    const market = this.#markets.pairOf(symbol);
    if (market === null) return [];
    if (ai !== null) this.#orders.name(symbol, ai, clientOrderId);
    if (status === 'triggered') return [];
    const shown = { symbol, orderId: algoOrderId(aid), clientOrderId, side, status, origQty, executedQty: 0n };
    return [{ kind: 'order', order: this.#orders.shown(shown, market.name) }];
  }
}

/** The algo service numbers its orders by itself. */
export const algoOrderId = (algoId: string): string => `algo-${algoId}`;
