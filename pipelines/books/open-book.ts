import { InputError } from '../../infra/errors.ts';
import { systemFeedClock } from '../feeds/feed-clock.ts';
import { createBinanceDepth } from '../vendors/binance/binance-depth.ts';
import { openDataManager } from '../vendors/asking/open-data-manager.ts';
import type { VendorAccess } from '../vendors/vendor-access.ts';
import type { BookReplica } from './book-replica.ts';
import { liveBook, type LiveBookOptions } from './live-book.ts';

/**
 * The live order book of a symbol, from Binance: of the vendors it alone streams whole books.
 * @throws InputError for a symbol that it does not trade
 */
export function openBook(
  symbol: string,
  { access, note, signal }: { readonly access: VendorAccess } & Pick<LiveBookOptions, 'note' | 'signal'>,
): AsyncGenerator<BookReplica> {
  if (!openDataManager(access).trades('binance', symbol)) {
    throw new InputError(`Binance, which alone tells whole order books, has no ${symbol}.`, 'Name a pair: BTC/USDT.');
  }
  const { settings, clock, random } = access;
  const { url, streamUrl } = settings.binance;
  const source = createBinanceDepth({ settings: { url, streamUrl }, pair: symbol.replace('/', ''), clock });
  return liveBook({ source, clock: systemFeedClock, random: random.fork('book'), note, signal });
}
