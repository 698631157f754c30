import { alpacaInHand, share } from '../../testing/venue/alpaca/alpaca-in-hand.ts';
import { requestFault } from '../../testing/venue/contract-fault.ts';
import { failing } from '../../testing/venue/stand-in-faults.ts';
import { OPEN } from '../../testing/venue/stand-in-order.ts';
import { holdsBrokerContract, type ContractVenue } from '../venue/broker-contract.ts';

const METHODS = { submit: 'POST', cancel: 'DELETE', question: 'GET' } as const;

holdsBrokerContract('Alpaca', async (): Promise<ContractVenue> => {
  const { venue, broker } = await alpacaInHand({ deadlineMs: 1_500 });
  const { books } = venue;
  return {
    broker,
    instrument: share('AAPL'),
    trade: (price) => books.trade('AAPL', String(price)),
    get held() {
      return Number(books.held('AAPL') / 1_000_000_000n);
    },
    get executionIds() {
      return books.executions.map(({ id }) => id);
    },
    get working() {
      return books.orders.filter(({ status }) => OPEN.includes(status)).map(({ clientOrderId }) => clientOrderId);
    },
    madeOf: (id) => books.orders.filter(({ clientOrderId }) => clientOrderId === id).length,
    fail: (of, fault) => {
      venue.faults = failing({ method: METHODS[of] }, requestFault(fault));
    },
    cutStream: () => venue.stream.drop(),
    get requests() {
      return venue.seen.length;
    },
    stop: () => venue.stop(),
  };
});
