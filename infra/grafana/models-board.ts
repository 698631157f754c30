import type { Board } from './board.ts';

/** Whether the models that trade are still what they were when they were promoted. */
export const modelsBoard: Board = {
  id: 'signalbox-models',
  title: 'Signalbox: models',
  about: 'The registry, what live predictions came to, drift, promotions.',
  span: '90d',
  choices: [],
  rows: [
    {
      title: 'Registry',
      panels: [
        {
          title: 'Versions',
          about: 'What is registered, which trades, and until when it may.',
          kind: 'table',
          unit: 'count',
          width: 14,
          targets: [
            {
              sql: `SELECT name, version, aliases, time AS registered, train_from, train_to, expires_at, round((extract(epoch FROM expires_at - now()) / 86400)::numeric, 1)::float8 AS days_left, model
FROM board_models ORDER BY name, version DESC LIMIT 200`,
              format: 'rows',
            },
          ],
        },
        {
          title: 'Promotions',
          about: 'Every decision of the gate, and why.',
          kind: 'table',
          unit: 'count',
          width: 10,
          targets: [
            {
              sql: 'SELECT time, name, version, champion_version, outcome, reason FROM board_promotions ORDER BY time DESC LIMIT 100',
              format: 'rows',
            },
          ],
        },
      ],
    },
    {
      title: 'Live',
      panels: [
        {
          title: 'Hit rate of signals',
          about: 'Share of signals whose direction came true, by day; 0.5 is a coin.',
          kind: 'lines',
          unit: 'ratio',
          width: 8,
          min: 0,
          max: 1,
          targets: [
            {
              sql: `SELECT $__timeGroupAlias(time, '1d'), action AS metric, avg(hit::int)::float8 AS hit_rate FROM board_outcomes
WHERE $__timeFilter(time) GROUP BY 1, 2 ORDER BY 1`,
              format: 'series',
            },
          ],
        },
        {
          title: 'Return after a signal',
          about: 'Mean return over the horizon in the direction of the signal, before costs.',
          kind: 'lines',
          unit: 'ratio',
          width: 8,
          targets: [
            {
              sql: `SELECT $__timeGroupAlias(time, '1d'), action AS metric, avg(CASE WHEN action = 'BUY' THEN realised_return ELSE -realised_return END) AS mean_return
FROM board_outcomes WHERE $__timeFilter(time) GROUP BY 1, 2 ORDER BY 1`,
              format: 'series',
            },
          ],
        },
        {
          title: 'Brier score of live predictions',
          about: 'Mean squared error of probabilities; 0.25 knows nothing.',
          kind: 'lines',
          unit: 'score',
          width: 8,
          min: 0,
          targets: [
            {
              sql: `SELECT $__timeGroupAlias(time, '1d'), role AS metric, avg(squared_error) AS brier FROM board_predictions
WHERE label IS NOT NULL AND $__timeFilter(time) GROUP BY 1, 2 ORDER BY 1`,
              format: 'series',
            },
          ],
        },
        {
          title: 'Calibration',
          about: 'What was forecast beside what came true, in tenths of probability.',
          kind: 'table',
          unit: 'ratio',
          width: 12,
          columns: { predictions: 'count' },
          targets: [
            {
              sql: `SELECT floor(least(probability, 0.999) * 10) / 10 AS from_probability, count(*) AS predictions, avg(probability) AS forecast, avg(label)::float8 AS came_true
FROM board_predictions WHERE label IS NOT NULL AND $__timeFilter(time) GROUP BY 1 ORDER BY 1`,
              format: 'rows',
            },
          ],
        },
        {
          title: 'Drift',
          about:
            'Share of rows unlike the training rows beside what was expected, and the alarms of the newest reports.',
          kind: 'table',
          unit: 'ratio',
          width: 12,
          columns: {
            predictions: 'count',
            labelled: 'count',
            alarms: 'count',
            log_loss: 'score',
            log_loss_expected: 'score',
          },
          targets: [
            {
              sql: `SELECT time, name, predictions, labelled, novel_share, novel_expected, log_loss, log_loss_expected, alarms, alarm_names
FROM board_monitoring WHERE $__timeFilter(time) ORDER BY time DESC LIMIT 100`,
              format: 'rows',
            },
          ],
        },
      ],
    },
  ],
};
