import { CHOSEN, ofSessions, SESSION, type Board, type Panel } from './board.ts';

const series = (title: string, about: string, column: string, more: Partial<Panel> = {}): Panel => ({
  title,
  about,
  kind: 'lines',
  unit: 'money',
  width: 12,
  targets: [
    {
      sql: `SELECT time, session_id AS metric, ${column} FROM board_equity WHERE ${CHOSEN} AND $__timeFilter(time) ORDER BY time`,
      format: 'series',
    },
  ],
  ...more,
});

/** All accounts side by side: what they earned, what they hold, how near they are to what may be lost or borrowed. */
export const portfolioBoard: Board = {
  id: 'signalbox-portfolio',
  title: 'Signalbox: portfolio',
  about: 'Accounts side by side and summed: profit, drawdown, exposure, margin.',
  span: '30d',
  choices: [SESSION],
  rows: [
    {
      title: 'Accounts',
      panels: [
        {
          title: 'Sessions',
          about: 'Every session that was chosen, and how it stands.',
          kind: 'table',
          unit: 'money',
          width: 16,
          columns: { total_return: 'ratio', positions: 'count', symbols: 'count' },
          targets: [
            {
              sql: `SELECT session_id, experiment, kind, started_at, ended_at, last_close, kill_state, capital, equity, total_return, positions, symbols
FROM board_sessions WHERE ${CHOSEN} ORDER BY started_at DESC LIMIT 200`,
              format: 'rows',
            },
          ],
        },
        {
          title: 'All accounts',
          about: 'Sums over the sessions that were chosen. They add up only where they have one currency.',
          kind: 'table',
          unit: 'money',
          width: 8,
          columns: { sessions: 'count', leverage: 'ratio' },
          targets: [
            {
              sql: `SELECT count(*) AS sessions, sum(equity) AS equity, sum(day_pnl) AS day_pnl, sum(realised) AS realised, sum(unrealised) AS unrealised,
  sum(gross) AS gross, sum(gross) / nullif(sum(equity), 0) AS leverage FROM board_account WHERE ${CHOSEN}`,
              format: 'rows',
            },
          ],
        },
      ],
    },
    {
      title: 'Over time',
      panels: [
        series('Equity', 'Cash and positions.', 'equity'),
        series('Drawdown', 'How far equity is below its peak, or the capital it began with.', 'drawdown', {
          unit: 'ratio',
          min: 0,
          thresholds: [
            { from: 0, tone: 'good' },
            { from: 0.1, tone: 'look' },
            { from: 0.2, tone: 'bad' },
          ],
        }),
        series('Realised profit', 'Of what was closed, net of fees.', 'realised'),
        series('Unrealised profit', 'Of what is held.', 'unrealised'),
        series('Gross exposure', 'Sum of absolute position values.', 'gross', { min: 0 }),
        series('Leverage', 'Gross exposure over equity.', 'leverage', { unit: 'ratio', min: 0 }),
      ],
    },
    {
      title: 'What is held',
      panels: [
        {
          title: 'By symbol',
          about: 'Value of the positions of all sessions that were chosen.',
          kind: 'table',
          unit: 'money',
          width: 12,
          columns: { quantity: 'count' },
          targets: [
            {
              sql: `SELECT symbol, sum(quantity) AS quantity, sum(value) AS value, sum(unrealised) AS unrealised, sum(realised) AS realised
FROM board_positions WHERE ${CHOSEN} GROUP BY symbol ORDER BY sum(abs(value)) DESC LIMIT 100`,
              format: 'rows',
            },
          ],
        },
        {
          title: 'By sector',
          about: 'Gross and net value.',
          kind: 'table',
          unit: 'money',
          width: 6,
          targets: [
            {
              sql: `SELECT coalesce(sector, 'none') AS sector, sum(abs(value)) AS gross, sum(value) AS net FROM board_positions WHERE ${CHOSEN}
GROUP BY 1 ORDER BY gross DESC`,
              format: 'rows',
            },
          ],
        },
        {
          title: 'Margin in use',
          about: 'Share of what equity may hold that positions take. At 1 nothing more can be opened.',
          kind: 'stat',
          unit: 'ratio',
          width: 6,
          height: 9,
          targets: [{ prom: ofSessions('signalbox_margin_used_ratio'), legend: '{{session}}' }],
          thresholds: [
            { from: 0, tone: 'good' },
            { from: 0.8, tone: 'look' },
            { from: 0.95, tone: 'bad' },
          ],
        },
      ],
    },
  ],
};
