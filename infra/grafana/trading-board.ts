import { CHOSEN, ofSessions, SESSION, type Board } from './board.ts';

const perStage = 'sum by (instance, stage, le) (rate(signalbox_order_stage_seconds_bucket[$__rate_interval]))';

/** What a trader looks at while sessions run: money, orders, executions, signals, and what was not let through. */
export const tradingBoard: Board = {
  id: 'signalbox-trading',
  title: 'Signalbox: trading',
  about: 'Sessions while they trade: money, orders, executions, signals, refusals.',
  span: '24h',
  choices: [SESSION],
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Equity',
          about: 'Cash and positions as the books of the session have them.',
          kind: 'stat',
          unit: 'money',
          width: 6,
          targets: [{ prom: ofSessions('signalbox_equity'), legend: '{{session}}' }],
        },
        {
          title: 'P&L of the day',
          about: 'Change of equity since the last mark of the trading day before.',
          kind: 'stat',
          unit: 'money',
          width: 5,
          targets: [{ prom: ofSessions('signalbox_day_pnl'), legend: '{{session}}' }],
          thresholds: [
            { from: -1e12, tone: 'bad' },
            { from: 0, tone: 'good' },
          ],
        },
        {
          title: 'Drawdown',
          about: 'How far equity is below its peak. At the limit of the experiment the session halts by itself.',
          kind: 'stat',
          unit: 'ratio',
          width: 4,
          targets: [{ prom: ofSessions('signalbox_drawdown_ratio'), legend: '{{session}}' }],
          thresholds: [
            { from: 0, tone: 'good' },
            { from: 0.1, tone: 'look' },
            { from: 0.2, tone: 'bad' },
          ],
        },
        {
          title: 'Win rate',
          about: 'Share of the closed round trips that ended with a profit.',
          kind: 'stat',
          unit: 'ratio',
          width: 4,
          targets: [{ prom: ofSessions('signalbox_win_rate_ratio'), legend: '{{session}}' }],
        },
        {
          title: 'Trading is stopped',
          about: '1 where the kill switch is not at run: see `sessions show`, then `resume`.',
          kind: 'stat',
          unit: 'count',
          width: 5,
          targets: [{ prom: ofSessions('1 - signalbox_kill_state{state="run"}'), legend: '{{session}}' }],
          thresholds: [
            { from: 0, tone: 'good' },
            { from: 1, tone: 'bad' },
          ],
        },
      ],
    },
    {
      title: 'Market and money',
      panels: [
        {
          title: 'Bars of the session',
          about: 'The first symbol of the newest session that was chosen, bar by bar as the session was given it live.',
          kind: 'candles',
          empty: 'No bars were given live in this span. A replay reads the store and keeps none: Market draws those.',
          unit: 'price',
          width: 14,
          targets: [
            {
              sql: `SELECT time, open, high, low, close, volume FROM board_bars
WHERE ${CHOSEN} AND $__timeFilter(time)
  AND (session_id, symbol) = (SELECT session_id, symbol FROM board_bars WHERE ${CHOSEN} ORDER BY time DESC, symbol LIMIT 1)
ORDER BY time`,
              format: 'rows',
            },
          ],
        },
        {
          title: 'Equity over time',
          about: 'Equity at the end of each minute of the market, from the record.',
          kind: 'lines',
          unit: 'money',
          width: 10,
          height: 12,
          targets: [
            {
              sql: `SELECT time, session_id AS metric, equity FROM board_equity WHERE ${CHOSEN} AND $__timeFilter(time) ORDER BY time`,
              format: 'series',
            },
          ],
        },
        {
          title: 'Positions',
          about: 'What is held, at the last mark.',
          kind: 'table',
          unit: 'money',
          width: 24,
          height: 7,
          columns: { quantity: 'count', average_price: 'price', price: 'price', share: 'ratio' },
          targets: [
            {
              sql: `SELECT session_id, symbol, sector, quantity, average_price, price, value, share, unrealised, realised
FROM board_positions WHERE ${CHOSEN} ORDER BY abs(value) DESC LIMIT 200`,
              format: 'rows',
            },
          ],
        },
      ],
    },
    {
      title: 'Orders',
      panels: [
        {
          title: 'Orders',
          about: 'The newest orders with what became of them.',
          kind: 'table',
          unit: 'price',
          width: 14,
          columns: { quantity: 'count', filled: 'count', fee: 'money' },
          targets: [
            {
              sql: `SELECT time, session_id, symbol, side, quantity, order_type, role, state, filled, fill_price, fee, clipped_by
FROM board_orders WHERE ${CHOSEN} AND $__timeFilter(time) ORDER BY time DESC, sequence DESC LIMIT 200`,
              format: 'rows',
            },
          ],
        },
        {
          title: 'Refused, by reason',
          about: 'Signals and orders, or parts of them, that were not let through.',
          kind: 'table',
          unit: 'count',
          width: 10,
          targets: [
            {
              sql: `SELECT stage, code, count(*) AS times, max(time) AS latest FROM board_refusals
WHERE ${CHOSEN} AND $__timeFilter(time) GROUP BY stage, code ORDER BY times DESC LIMIT 50`,
              format: 'rows',
            },
          ],
        },
        {
          title: 'Orders and executions a minute',
          about: 'By session, while it runs.',
          kind: 'lines',
          unit: 'rate',
          width: 8,
          targets: [
            {
              prom: ofSessions('60 * sum by (instance) (rate(signalbox_orders_total[$__rate_interval]))'),
              legend: 'orders {{session}}',
            },
            {
              prom: ofSessions('60 * sum by (instance) (rate(signalbox_fills_total[$__rate_interval]))'),
              legend: 'executions {{session}}',
            },
          ],
        },
        {
          title: 'Maker ratio',
          about:
            'Share of executed value that orders with a limit took: what rests earns the spread, and may pay less.',
          kind: 'stat',
          unit: 'ratio',
          width: 4,
          height: 8,
          min: 0,
          max: 1,
          targets: [
            {
              sql: `SELECT coalesce(sum(notional) FILTER (WHERE order_type IN ('limit', 'stop-limit')), 0) / nullif(sum(notional), 0) AS maker
FROM board_fills WHERE ${CHOSEN} AND $__timeFilter(time)`,
              format: 'rows',
            },
          ],
        },
        {
          title: 'Fees and slippage',
          about: 'What executions cost, summed up over the span.',
          kind: 'lines',
          unit: 'money',
          width: 12,
          targets: [
            {
              sql: `SELECT time, sum(fee) OVER (ORDER BY time, sequence) AS fees, sum(slippage) OVER (ORDER BY time, sequence) AS slippage
FROM board_fills WHERE ${CHOSEN} AND $__timeFilter(time) ORDER BY time`,
              format: 'series',
            },
          ],
        },
      ],
    },
    {
      title: 'Signals and latency',
      panels: [
        {
          title: 'Signals',
          about: 'What strategies and models asked for, why, and what it was refused for.',
          kind: 'table',
          unit: 'ratio',
          width: 14,
          targets: [
            {
              sql: `SELECT time, session_id, symbol, action, probability, confidence, reason, model, refused
FROM board_signals WHERE ${CHOSEN} AND $__timeFilter(time) ORDER BY time DESC LIMIT 200`,
              format: 'rows',
            },
          ],
        },
        {
          title: 'Latency of orders, 99th percentile',
          about: 'By stage: arrived, decided, committed, sent, acknowledged, filled.',
          kind: 'lines',
          unit: 'seconds',
          width: 10,
          height: 9,
          targets: [{ prom: ofSessions(`histogram_quantile(0.99, ${perStage})`), legend: '{{stage}} {{session}}' }],
        },
      ],
    },
  ],
};
