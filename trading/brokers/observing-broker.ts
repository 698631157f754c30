import type { ApprovedOrder } from '../orders/approved-order.ts';
import type { Broker, MakeBroker, Report } from './broker.ts';

/**
 * Sends nothing anywhere: what risk has approved is on record and ends at once, so that the account stays as it is and
 * the next signal is judged like the first.
 */
class ObservingBroker implements Broker {
  onMarket(): void {
    // There is no venue that the market could move.
  }

  submit({ sequence, timeMs }: ApprovedOrder, _clientOrderId: string, report: Report): void {
    report({ kind: 'order-update', sequence, timeMs, state: 'CANCELED', code: null, value: 0, limit: 0 });
  }

  cancel(): void {
    // Nothing works.
  }

  amend(): void {
    // Nothing works.
  }
}

/** The broker of a session that watches: signals and risk, and no order. */
export const observingBroker: MakeBroker = () => new ObservingBroker();
