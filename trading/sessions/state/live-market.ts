import type { Bar, BarColumns } from '../../../features/bar.ts';
import { BarAdjuster } from '../../../pipelines/adjustments/bar-adjuster.ts';
import type { DatedAction } from '../../../pipelines/adjustments/corporate-action.ts';
import { AccountCurrency, marketRates } from '../../currencies/account-currency.ts';
import type { CorporateActionEvent } from '../../effect.ts';
import {
  ActionSchedule,
  type TookAction,
  seriesBeside,
  viewActions,
  type SessionActions,
} from '../../engine/corporate-actions.ts';
import { GrowingColumns } from '../../growing-columns.ts';
import { createMarket, createMarketStep, type Market, type MarketStep } from '../../market.ts';
import type { SessionOptions } from '../historical-session.ts';
import type { ClosedBars } from '../replayed-feed.ts';

type LiveMarketOptions = Pick<SessionOptions, 'instruments' | 'currencies' | 'actions' | 'fine'>;

/** The market of a session whose bars come as they close: columns that grow, and the steps that each close makes. */
export class LiveMarket {
  readonly market: Market;
  readonly #columns: readonly GrowingColumns[];
  readonly #adjusted: readonly AdjustedColumns[];
  readonly #currency: AccountCurrency | null;
  readonly #schedule: ActionSchedule;
  readonly #step: MarketStep;

  constructor({ instruments, currencies, actions, fine }: LiveMarketOptions) {
    this.#columns = instruments.map(({ symbol }) => new GrowingColumns(symbol));
    this.#currency = AccountCurrency.of(currencies, instruments);
    const traded = createMarket(
      this.#columns.map(({ columns }) => columns),
      this.#currency?.instruments ?? instruments,
    );
    // Also without actions at the start: more may come with the bars.
    const lists = actions ?? instruments.map(() => []);
    const adjusted = lists.map((list, symbol) => new AdjustedColumns(instruments[symbol]!.symbol, list));
    const viewed = adjusted.map((one, symbol) => seriesBeside(traded.series[symbol]!, () => one.columns));
    this.#adjusted = adjusted;
    this.#currency?.requirePlain(fine);
    this.market = { ...traded, viewed, fine, ...marketRates(this.#currency) };
    this.#schedule = new ActionSchedule(lists, traded.series);
    this.#step = createMarketStep(instruments.length);
  }

  /** The steps that a close makes, opens before it. Each is to be taken before the next is asked for. */
  *steps(closed: ClosedBars): Generator<MarketStep> {
    this.#append(closed);
    for (const { symbol, action } of closed.actions ?? []) {
      this.#schedule.add(symbol, action);
      this.#adjusted[symbol]!.add(action);
    }
    for (const { symbol, bar } of closed.bars) this.#adjusted[symbol]!.append(bar);
    yield* this.#opens(closed);
    for (const { symbol } of closed.bars) this.market.series[symbol]!.last += 1;
    yield this.#close(closed);
  }

  /** The next split or dividend that comes before `step`, once, in the account's currency. */
  due(step: MarketStep, took?: TookAction): CorporateActionEvent | null {
    const event = this.#schedule.due(step, took);
    return event === null ? null : (this.#currency?.action(event) ?? event);
  }

  #append(closed: ClosedBars): void {
    for (const { symbol, bar } of closed.bars) this.#currency?.note(symbol, bar);
    for (const { symbol, bar } of closed.bars) {
      const columns = this.#columns[symbol]!;
      columns.append(this.#currency?.bar(symbol, bar) ?? bar);
      this.market.series[symbol]!.bars = columns.columns;
    }
  }

  /** The opens of the bars that have just closed, earliest first: a feed of closed bars tells of them only now. */
  *#opens(closed: ClosedBars): Generator<MarketStep> {
    const step = this.#step;
    const times = [...new Set(closed.bars.map(({ bar }) => bar.openTimeMs))].sort((a, b) => a - b);
    for (const timeMs of times) {
      const opening = closed.bars.filter(({ bar }) => bar.openTimeMs === timeMs);
      step.kind = 'open';
      step.timeMs = timeMs;
      step.count = opening.length;
      opening.forEach(({ symbol }, entry) => {
        step.symbols[entry] = symbol;
        step.index[entry] = this.market.series[symbol]!.last + 1;
      });
      yield step;
    }
  }

  #close(closed: ClosedBars): MarketStep {
    const step = this.#step;
    step.kind = 'close';
    step.timeMs = closed.closeTimeMs;
    step.lateBars = closed.lateBars ?? 0;
    step.count = closed.bars.length;
    closed.bars.forEach(({ symbol }, entry) => {
      step.symbols[entry] = symbol;
      step.index[entry] = this.market.series[symbol]!.last;
    });
    return step;
  }
}

/** A symbol's bars as a strategy sees them, adjusted as they come. */
class AdjustedColumns {
  readonly #columns: GrowingColumns;
  readonly #adjuster: BarAdjuster;

  constructor(symbol: string, actions: SessionActions[number]) {
    this.#columns = new GrowingColumns(symbol);
    this.#adjuster = new BarAdjuster(symbol, viewActions(actions));
  }

  get columns(): BarColumns {
    return this.#columns.columns;
  }

  /** One more action, which comes into effect after every bar so far. */
  add(action: DatedAction): void {
    for (const viewed of viewActions([action])) this.#adjuster.add(viewed);
  }

  append(bar: Bar): void {
    this.#columns.append(this.#adjuster.adjust(bar));
  }
}
