import { hashOf } from '../../../infra/hash.ts';
import type { VenueAccount } from '../venue/request-verdict.ts';
import { amountNumber, amountText, amountUnits } from './asset-amount.ts';
import { BINANCE_ANSWERS } from './binance-answer.ts';
import type { BinanceClient } from './binance-client.ts';
import type { Pair } from './binance-fills.ts';

/** What an account of which nothing is known yet is counted in. */
const USUAL_QUOTE = 'USDT';

/**
 * The spot account. It has balances and no positions: what a session holds is what it has more of an asset than there
 * was when it began.
 */
export class BinanceAccount {
  readonly #client: BinanceClient;
  readonly #apiKey: string;
  /** Of each base asset, in units of 1e-8. */
  #held: ReadonlyMap<string, bigint> = new Map();
  #quote = USUAL_QUOTE;

  constructor(client: BinanceClient, apiKey: string) {
    this.#client = client;
    this.#apiKey = apiKey;
  }

  /** What there was of the base assets when the session began: `begun`, or what there is. @throws SignalboxError */
  async prepare(
    pairs: readonly Pair[],
    begun: Readonly<Record<string, string>> | null,
  ): Promise<Readonly<Record<string, string>>> {
    this.#quote = pairs[0]?.quote ?? USUAL_QUOTE;
    const balances = begun === null ? await this.#balances() : null;
    const bases = pairs.map(({ base }) => base);
    this.#held = new Map(
      bases.map((asset) => [asset, balances?.get(asset) ?? amountUnits(begun?.[asset] ?? '0') ?? 0n]),
    );
    return Object.fromEntries([...this.#held].map(([asset, units]) => [asset, amountText(units)]));
  }

  /** @throws SignalboxError */
  async positions(pairs: readonly Pair[]): Promise<{ readonly symbol: string; readonly quantity: number }[]> {
    const balances = await this.#balances();
    return pairs.flatMap(({ name, base }) => {
      const units = (balances.get(base) ?? 0n) - (this.#held.get(base) ?? 0n);
      return units === 0n ? [] : [{ symbol: name, quantity: amountNumber(units) }];
    });
  }

  /** What can be spent is all that counts as equity: other assets are none of the session's. @throws SignalboxError */
  async read(): Promise<VenueAccount> {
    const { canTrade, uid, balances } = await this.#read();
    const quote = balances.find(({ asset }) => asset === this.#quote);
    const cash = amountText(quote === undefined ? 0n : quote.free + quote.locked);
    return {
      id: uid ?? hashOf(this.#apiKey).slice(0, 16),
      cash,
      equity: cash,
      currency: this.#quote,
      blocks: canTrade ? [] : ['canTrade is false'],
      shorting: false,
    };
  }

  async #balances(): Promise<ReadonlyMap<string, bigint>> {
    const { balances } = await this.#read();
    return new Map(balances.map(({ asset, free, locked }) => [asset, free + locked]));
  }

  #read() {
    const params = { omitZeroBalances: true };
    const ask = { path: 'api/v3/account', weight: 20, signed: true, params };
    return this.#client.read('the account', BINANCE_ANSWERS.account, ask);
  }
}
