import type { CorporateActionEvent, Fill, OrderUpdate } from '../effect.ts';
import type { MarketStep } from '../market.ts';
import type { ApprovedOrder } from '../orders/approved-order.ts';

/** Takes what a broker reports: the session hands it to the engine and the journal before the call returns. */
export type Report = (event: Fill | OrderUpdate) => void;

/**
 * Where approved orders go. A simulated venue reports fills while the market moves (`onMarket`); a real one leaves that
 * empty and its reports come through the session's event source. The client order id makes `submit` repeatable: a
 * broker that already knows it does nothing.
 */
export interface Broker {
  onMarket(step: MarketStep, report: Report): void;
  /**
   * A split or dividend comes into effect: a simulated venue restates what works there; a real one does so by itself.
   */
  onAction?(event: CorporateActionEvent, report: Report): void;
  submit(order: ApprovedOrder, clientOrderId: string, report: Report): void | Promise<void>;
  cancel(sequence: number, timeMs: number, report: Report): void | Promise<void>;
}

/** The id by which a broker knows order `sequence` of a session: a pure function of both, at most 48 characters. */
export function clientOrderId(sessionId: string, sequence: number): string {
  return `sb-${sessionId.slice(0, 32)}-${sequence}`;
}
