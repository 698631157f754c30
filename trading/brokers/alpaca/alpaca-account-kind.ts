import type { VenueAccount } from '../venue/request-verdict.ts';

/** Alpaca's: keys of paper accounts begin with PK, of live ones with AK; numbers of paper accounts with PA. */
const PAPER_KEY = /^PK/;
const LIVE_KEY = /^AK/;
const PAPER_NUMBER = /^PA/;

/** Host of Alpaca's live trading. */
const LIVE_HOST = 'api.alpaca.markets';

export type AccountKind = 'paper' | 'live';

/** Which kind of account a key is of; null where it does not say. */
export function keyKind(keyId: string): AccountKind | null {
  if (PAPER_KEY.test(keyId)) return 'paper';
  return LIVE_KEY.test(keyId) ? 'live' : null;
}

/** Whether an address is that of Alpaca's live trading. */
export function isLiveAddress(url: string): boolean {
  return new URL(url).hostname === LIVE_HOST;
}

/** Whether an account says of itself that it is one of paper trading. */
export function isPaperAccount({ number }: Pick<VenueAccount, 'number'>): boolean {
  return number !== undefined && PAPER_NUMBER.test(number);
}
