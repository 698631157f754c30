import type { Config } from '../../../infra/config.ts';
import { InputError } from '../../../infra/errors.ts';
import { isLiveAddress, isPaperAccount, keyKind, type AccountKind } from '../../brokers/alpaca/alpaca-account-kind.ts';
import type { VenueAccount } from '../../brokers/venue/request-verdict.ts';

const KEYS = 'https://app.alpaca.markets';

/**
 * Where orders of that kind of account go. Nothing is asked of the venue before: a paper session reaches no live
 * account whatever the environment holds, and a live one no paper account.
 * @throws InputError where keys or address are of the other kind
 */
export function alpacaAddress({ keyId, tradingUrl, liveTradingUrl }: Alpaca, kind: AccountKind): string {
  const found = keyKind(keyId!);
  if (kind === 'live') {
    if (found === 'live') return liveTradingUrl;
    throw new InputError(
      'ALPACA_API_KEY_ID is no key of a live account: those begin with AK.',
      `Make one at ${KEYS} (Live, API Keys), or trade on paper: signalbox paper EXPERIMENT --broker alpaca.`,
    );
  }
  if (found === 'live') {
    throw new InputError(
      'ALPACA_API_KEY_ID is a key of a live account, and this session trades on paper.',
      `Set the keys of the paper account, which begin with PK: ${KEYS} (Paper, API Keys).`,
    );
  }
  if (!isLiveAddress(tradingUrl)) return tradingUrl;
  throw new InputError(
    'ALPACA_TRADING_URL is the address of live trading, and this session trades on paper.',
    'Unset it. A live account is traded by: signalbox live EXPERIMENT --broker alpaca --account NAME.',
  );
}

type Alpaca = Config['vendors']['alpaca'];

/**
 * The account that the venue has opened for our keys is of the kind that was asked for, and of the name.
 * @param named what the user calls it; absent on paper
 * @throws InputError where it is another one; nothing has left by then
 */
export function requireAccount(account: VenueAccount, kind: AccountKind, named?: string): void {
  const isPaper = isPaperAccount(account);
  if (kind === 'live' && isPaper) {
    throw new InputError(
      'The account that the keys open is one of paper trading.',
      'Unset ALPACA_LIVE_TRADING_URL, or trade on paper: signalbox paper EXPERIMENT --broker alpaca.',
    );
  }
  if (kind === 'paper') return;
  if (named !== undefined && (named === account.number || named === account.id)) return;
  throw new InputError(
    `The keys do not open the account ${named ?? ''}.`,
    `Name the one that they open by its number, which stands at ${KEYS}, or set its keys.`,
  );
}

/**
 * Where orders of such an account of USD-M futures go. Keys do not say what they are of: the address decides.
 * @throws InputError for the address of the other kind
 */
export function futuresAddress(
  { tradingUrl, liveTradingUrl }: Config['vendors']['binance']['futures'],
  kind: AccountKind,
): string {
  if (kind === 'live') return liveTradingUrl;
  if (!BINANCE_LIVE.test(new URL(tradingUrl).hostname)) return tradingUrl;
  throw new InputError(
    'BINANCE_FUTURES_URL is the address of live trading, and this session trades on paper.',
    'Unset it. A live account is traded by: signalbox live EXPERIMENT --broker binance-futures --account NAME.',
  );
}

/**
 * The account that the keys open is the one that was named.
 * @param named what Binance calls it; absent on paper
 * @throws InputError where it is another one; nothing has left by then
 */
export function requireFuturesAccount({ id }: VenueAccount, kind: AccountKind, named?: string): void {
  if (kind === 'paper' || named === id) return;
  throw new InputError(
    `The keys do not open the account ${named ?? ''}.`,
    'Name the one that they open by the accountAlias of its balances, or set its keys.',
  );
}

/** Hosts of Binance's own exchanges; its test networks are elsewhere. */
const BINANCE_LIVE = /^(?!testnet\.|demo-)([\w-]+\.)*binance\.(com|us)$/;

/**
 * Where orders at Binance go: to a test network. Keys there do not say what they are of, so that the address alone
 * decides, and a live account is not offered.
 * @throws InputError for a live account, and for the address of one
 */
export function binanceAddress(tradingUrl: string, kind: AccountKind): string {
  if (kind === 'live') {
    throw new InputError(
      'Live trading is at alpaca and binance-futures: at binance orders go to the spot test network.',
      'Name --broker alpaca, or --broker binance-futures.',
    );
  }
  if (!BINANCE_LIVE.test(new URL(tradingUrl).hostname)) return tradingUrl;
  throw new InputError(
    'BINANCE_TRADING_URL is the address of live trading, and this session trades on paper.',
    'Unset it: orders go to the spot test network then.',
  );
}
