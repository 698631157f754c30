import { InputError } from '../../../../infra/errors.ts';
import type { VenueAccount, VenuePosition } from '../../venue/request-verdict.ts';
import { amountNumber, amountText } from '../asset-amount.ts';
import { garbled } from '../binance-answer.ts';
import type { BinanceClient } from '../binance-client.ts';
import type { Market } from '../binance-markets.ts';
import { verdictOf } from '../binance-verdict.ts';
import { FUTURES_ANSWERS } from './futures-answer.ts';

/** `cross`: one wallet backs all positions; `isolated`: each position has a margin of its own, and loses no more. */
type MarginMode = 'cross' | 'isolated';

/** How a session's positions are margined. */
export interface FuturesMargin {
  readonly mode: MarginMode;
  /** A whole number from 1 on. */
  readonly leverage: number;
}

const WORDS: Readonly<Record<MarginMode, string>> = { cross: 'CROSSED', isolated: 'ISOLATED' };
const PAGE = 'https://www.binance.com/en/futures';

/** An account of USD-M futures: positions, margin, and how they are margined. */
export class FuturesAccount {
  readonly #client: BinanceClient;
  readonly #margin: FuturesMargin;
  #quote = 'USDT';
  #alias: string | null = null;

  constructor(client: BinanceClient, margin: FuturesMargin) {
    this.#client = client;
    this.#margin = margin;
  }

  /**
   * Sets margin mode and leverage of the contracts and asks whether they are so now. Nothing opens before.
   * @throws InputError, in words, where the account is of another mode, or it cannot be changed
   */
  async prepare(pairs: readonly Market[]): Promise<void> {
    this.#quote = pairs[0]?.quote ?? this.#quote;
    await this.#requireMode();
    for (const { pair } of pairs) {
      const before = await this.#configOf(pair);
      if (before.marginType !== WORDS[this.#margin.mode]) {
        await this.#set(pair, 'fapi/v1/marginType', { marginType: WORDS[this.#margin.mode] });
      }
      if (before.leverage !== this.#margin.leverage) {
        await this.#set(pair, 'fapi/v1/leverage', { leverage: this.#margin.leverage });
      }
      const { marginType, leverage } = await this.#configOf(pair);
      if (marginType === WORDS[this.#margin.mode] && leverage === this.#margin.leverage) continue;
      throw this.#refusal(pair, `it is ${marginType} with a leverage of ${leverage}`);
    }
  }

  async #requireMode(): Promise<void> {
    const { dualSidePosition, multiAssetsMargin } = await this.#config();
    if (dualSidePosition) {
      throw new InputError(
        'The account is in hedge mode, which holds long and short side by side; the books of a session hold one.',
        `Choose one-way mode at ${PAGE} (Preferences, Position Mode).`,
      );
    }
    if (multiAssetsMargin) {
      throw new InputError(
        'The account is in multi-assets mode, in which other assets back positions; the books hold one currency.',
        `Choose single-asset mode at ${PAGE} (Preferences, Asset Mode).`,
      );
    }
  }

  #config() {
    const ask = { path: 'fapi/v1/accountConfig', weight: 5, signed: true };
    return this.#client.read('the settings of the account', FUTURES_ANSWERS.accountConfig, ask);
  }

  async #configOf(symbol: string) {
    const ask = { path: 'fapi/v1/symbolConfig', weight: 5, signed: true, params: { symbol } };
    const found = await this.#client.read(`the margin of ${symbol}`, FUTURES_ANSWERS.symbolConfigs, ask);
    const one = found.find((config) => config.symbol === symbol);
    if (one === undefined) throw garbled(`the margin of ${symbol}`, 'it is not among them');
    return one;
  }

  async #set(symbol: string, path: string, more: Readonly<Record<string, string | number>>): Promise<void> {
    const ask = { lane: 'order', method: 'post', path, weight: 1, signed: true, params: { symbol, ...more } } as const;
    try {
      await this.#client.text(ask);
    } catch (error) {
      const { result, words } = verdictOf(error, 'amend');
      // -4046: it is so already. What was not answered is seen by asking.
      if (result === 'refused' && !words.includes('-4046')) throw this.#refusal(symbol, words);
    }
  }

  #refusal(symbol: string, why: string): InputError {
    const { mode, leverage } = this.#margin;
    return new InputError(
      `${symbol} cannot be traded with ${mode} margin and a leverage of ${leverage}: ${why}.`,
      'Close its position and cancel its orders there, or name what it has by --margin-mode and --leverage.',
    );
  }

  /** @throws SignalboxError */
  async positions(markets: { readonly pairOf: (pair: string) => Market | null }): Promise<VenuePosition[]> {
    const ask = { path: 'fapi/v3/positionRisk', weight: 5, signed: true };
    const found = await this.#client.read('the positions', FUTURES_ANSWERS.positions, ask);
    return found.flatMap((one): VenuePosition[] => {
      const market = markets.pairOf(one.symbol);
      if (market === null || one.positionAmt === 0n) return [];
      // Long and short side by side are no position of the books.
      if (one.positionSide !== 'BOTH') throw garbled('the positions', `${one.symbol} is held in hedge mode`);
      const { entryPrice: price, notional: value, unRealizedProfit: unrealised, maintMargin: maintenanceMargin } = one;
      const liquidation = one.liquidationPrice > 0 ? { liquidationPrice: one.liquidationPrice } : {};
      const quantity = amountNumber(one.positionAmt);
      return [{ symbol: market.name, quantity, price, value, unrealised, maintenanceMargin, ...liquidation }];
    });
  }

  /** @throws SignalboxError */
  async read(): Promise<VenueAccount> {
    const ask = { path: 'fapi/v3/account', weight: 5, signed: true };
    const account = await this.#client.read('the account', FUTURES_ANSWERS.account, ask);
    const { canTrade } = await this.#config();
    return {
      id: await this.#name(),
      cash: account.totalWalletBalance,
      equity: account.totalMarginBalance,
      currency: this.#quote,
      blocks: canTrade ? [] : ['canTrade is false'],
      shorting: true,
      buyingPower: amountText(account.availableBalance * BigInt(this.#margin.leverage)),
      initialMargin: account.totalInitialMargin,
      maintenanceMargin: account.totalMaintMargin,
    };
  }

  /** What Binance calls the account. */
  async #name(): Promise<string> {
    const ask = { path: 'fapi/v3/balance', weight: 5, signed: true };
    this.#alias ??=
      (await this.#client.read('the name of the account', FUTURES_ANSWERS.balances, ask))[0]?.accountAlias ?? null;
    if (this.#alias === null) throw garbled('the name of the account', 'it has no balance of any asset');
    return this.#alias;
  }
}
