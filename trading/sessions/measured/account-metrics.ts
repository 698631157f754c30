import type { Metrics } from '../../../infra/metrics/metrics.ts';
import type { BookedAccount, SessionBooks } from '../monitor/session-books.ts';
import type { Portfolio } from '../../portfolio/portfolio.ts';

/** Gauges of the account by their names: what each tells, and where it is taken from. */
const FIGURES: Readonly<Record<string, readonly [help: string, of: (books: SessionBooks) => number]>> = {
  equity: ['Cash and positions, in the currency of the account', ({ equity }) => equity],
  cash: ['Cash, in the currency of the account', ({ cash }) => cash],
  gross_exposure: ['Sum of absolute position values', ({ gross }) => gross],
  net_exposure: ['Sum of signed position values', ({ net }) => net],
  leverage_ratio: ['Gross exposure over equity', ({ gross, equity }) => gross / equity],
  margin_used_ratio: ['What positions take of what equity may hold', (of) => of.gross / (of.leverageMax * of.equity)],
  realised_pnl: ['Profit of what was closed, net of fees', ({ realised }) => realised],
  unrealised_pnl: ['Profit of what is held', ({ unrealised }) => unrealised],
  day_pnl: ['Change of equity over the trading day', ({ equity, dayStartEquity }) => equity - dayStartEquity],
  day_return_ratio: ['The same as a share of equity when it began', (of) => of.equity / of.dayStartEquity - 1],
  open_positions: ['Symbols with a position', ({ positions }) => positions.length],
};

/** The money of a session as gauges. Set when its books are told, once a second at most. */
export class AccountMetrics {
  readonly #gauges: ReadonlyMap<string, ReturnType<Metrics['gauge']>>;
  readonly #drawdown: ReturnType<Metrics['gauge']>;
  readonly #trades: ReturnType<Metrics['gauge']>;
  readonly #winRate: ReturnType<Metrics['gauge']>;
  #peak = -Infinity;
  /** Marks and round trips that were looked at. */
  #marks = 0;
  #trips = 0;
  #won = 0;

  constructor(metrics: Metrics) {
    const gauge = (name: string, help: string, labels: readonly string[] = []) => metrics.gauge({ name, help, labels });
    this.#gauges = new Map(Object.entries(FIGURES).map(([name, [help]]) => [name, gauge(name, help)]));
    this.#drawdown = gauge('drawdown_ratio', 'How far equity is below its peak, as a share of the peak');
    this.#trades = gauge('closed_trades', 'Round trips of the session by how they ended', ['result']);
    this.#winRate = gauge('win_rate_ratio', 'Share of the round trips that ended with a profit');
  }

  tell(books: SessionBooks): void {
    for (const [name, [, of]] of Object.entries(FIGURES)) {
      const value = of(books);
      // Of an account without equity there is no share.
      if (Number.isFinite(value)) this.#gauges.get(name)!.set(value);
    }
  }

  /** What the books do not hold: the peak, and round trips. */
  look({ portfolio, instruments }: Pick<BookedAccount, 'portfolio' | 'instruments'>): void {
    this.#lookAtPeak(portfolio);
    const symbols = instruments.map(({ symbol }) => symbol);
    for (const { pnl } of portfolio.ledger.entries(symbols, this.#trips)) {
      this.#trips += 1;
      if (pnl > 0) this.#won += 1;
    }
    this.#trades.set({ result: 'won' }, this.#won);
    this.#trades.set({ result: 'lost' }, this.#trips - this.#won);
    if (this.#trips > 0) this.#winRate.set(this.#won / this.#trips);
  }

  #lookAtPeak({ curve, equity }: Portfolio): void {
    const marks = curve.equity();
    for (let row = this.#marks; row < marks.length; row++) this.#peak = Math.max(this.#peak, marks[row]!);
    this.#marks = marks.length;
    this.#peak = Math.max(this.#peak, equity);
    if (this.#peak > 0) this.#drawdown.set(1 - equity / this.#peak);
  }
}
