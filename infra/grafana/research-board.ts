import type { Board } from './board.ts';

/** What was tried, what it came to, and the data that it rests on. */
export const researchBoard: Board = {
  id: 'signalbox-research',
  title: 'Signalbox: research',
  about: 'Trials, trainings, searches, and the data that they rest on.',
  span: '90d',
  choices: [],
  rows: [
    {
      title: 'Trials',
      panels: [
        {
          title: 'Trials by experiment',
          about:
            'Each further trial makes the best of them look better than it is: the deflated figures reckon with it.',
          kind: 'table',
          unit: 'score',
          width: 10,
          columns: { trials: 'count' },
          targets: [
            {
              sql: `SELECT experiment, count(*) AS trials, max(sharpe) AS best_sharpe, avg(sharpe) AS mean_sharpe, max(excess_sharpe) AS best_excess, max(time) AS latest
FROM board_trials GROUP BY experiment ORDER BY latest DESC LIMIT 100`,
              format: 'rows',
            },
          ],
        },
        {
          title: 'Trials',
          about: 'The newest, one a row.',
          kind: 'table',
          unit: 'score',
          width: 14,
          columns: { days: 'count', mean_daily_return: 'ratio' },
          targets: [
            {
              sql: `SELECT time, experiment, variant, sharpe, excess_sharpe, mean_daily_return, days, from_time, to_time FROM board_trials
WHERE $__timeFilter(time) ORDER BY time DESC LIMIT 200`,
              format: 'rows',
            },
          ],
        },
      ],
    },
    {
      title: 'Trainings and searches',
      panels: [
        {
          title: 'Trainings',
          about: 'Folds that are done, and how long all of it took.',
          kind: 'table',
          unit: 'count',
          width: 12,
          columns: { seconds: 'seconds' },
          targets: [
            {
              sql: `SELECT time, experiment, training, backend, folds, seconds, cancelled FROM board_trainings
WHERE $__timeFilter(time) ORDER BY time DESC LIMIT 200`,
              format: 'rows',
            },
          ],
        },
        {
          title: 'Searches',
          about: 'Parameter searches with the best objective so far.',
          kind: 'table',
          unit: 'score',
          width: 12,
          columns: { trials: 'count' },
          targets: [
            {
              sql: `SELECT time, experiment, search, trials, best, cancelled FROM board_searches WHERE $__timeFilter(time) ORDER BY time DESC LIMIT 200`,
              format: 'rows',
            },
          ],
        },
      ],
    },
    {
      title: 'Data',
      panels: [
        {
          title: 'Series',
          about: 'Bars that are stored, and what the last check of them found.',
          kind: 'table',
          unit: 'count',
          width: 18,
          targets: [
            {
              sql: `SELECT source, symbol, timeframe, bars, first_open_time, last_open_time, errors, warnings, time AS updated
FROM board_series ORDER BY updated DESC, symbol LIMIT 500`,
              format: 'rows',
            },
          ],
        },
        {
          title: 'Entries for MLflow',
          about: 'What waits to be delivered. Pending ones that grow old: see `tracking status`.',
          kind: 'table',
          unit: 'count',
          width: 6,
          targets: [{ sql: 'SELECT state, entries, oldest FROM board_outbox ORDER BY state', format: 'rows' }],
        },
      ],
    },
  ],
};
