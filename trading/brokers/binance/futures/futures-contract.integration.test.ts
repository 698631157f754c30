import { futuresInHand } from '../../../testing/venue/binance/futures/futures-in-hand.ts';
import { pairOf } from '../../../testing/venue/binance/binance-in-hand.ts';
import { requestFault } from '../../../testing/venue/contract-fault.ts';
import { failing } from '../../../testing/venue/stand-in-faults.ts';
import { holdsBrokerContract, type ContractVenue } from '../../venue/broker-contract.ts';
import { amountNumber } from '../asset-amount.ts';

const METHODS = { submit: 'POST', cancel: 'DELETE', question: 'GET' } as const;

holdsBrokerContract("Binance's USD-M futures", async (): Promise<ContractVenue> => {
  const { venue, broker } = await futuresInHand({ deadlineMs: 1_000 });
  const { books } = venue;
  return {
    broker,
    instrument: { ...pairOf('BTCUSDT'), lot: 1 },
    trade: (price) => books.trade('BTCUSDT', String(price)),
    get held() {
      return amountNumber(books.held('BTCUSDT'));
    },
    get executionIds() {
      return books.trades.map(({ id, order }) => `${order.symbol}/${id}`);
    },
    get working() {
      return [
        ...books.open().map(({ clientOrderId }) => clientOrderId),
        ...books.openAlgos().map(({ clientAlgoId }) => clientAlgoId),
      ];
    },
    madeOf: (id) =>
      books.orders.filter(({ clientOrderId }) => clientOrderId === id).length +
      books.algos.filter(({ clientAlgoId }) => clientAlgoId === id).length,
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
