import { ofSessions, SESSION, type Board, type Panel, type Unit } from './board.ts';

const lines = (title: string, about: string, unit: Unit, series: readonly (readonly [string, string])[]): Panel => ({
  title,
  about,
  kind: 'lines',
  unit,
  width: 8,
  min: 0,
  targets: series.map(([prom, legend]) => ({ prom, legend })),
});
const quantile = (q: number, name: string, by = 'instance') =>
  `histogram_quantile(${q}, sum by (${by}, le) (rate(signalbox_${name}_bucket[$__rate_interval])))`;

/** Whether everything that sessions rest on works: venue, feed, database, queue, processes, alerts. */
export const systemBoard: Board = {
  id: 'signalbox-system',
  title: 'Signalbox: system',
  about: 'What sessions and workers rest on: venue, feed, database, queue, processes, alerts.',
  span: '6h',
  choices: [SESSION],
  rows: [
    {
      title: 'Is it well',
      panels: [
        {
          title: 'Processes that answer',
          about: 'Sessions and workers that Prometheus reaches.',
          kind: 'stat',
          unit: 'count',
          width: 5,
          targets: [{ prom: 'sum by (role) (signalbox_process_info)', legend: '{{role}}' }],
        },
        {
          title: 'Venue',
          about: '1 while the venue tells, and agrees with the books.',
          kind: 'stat',
          unit: 'count',
          width: 5,
          targets: [{ prom: ofSessions('signalbox_venue_connected'), legend: '{{session}}' }],
          thresholds: [
            { from: 0, tone: 'bad' },
            { from: 1, tone: 'good' },
          ],
        },
        {
          title: 'Breakers that are open',
          about: 'While one is open nothing goes through it; what opens positions is refused.',
          kind: 'stat',
          unit: 'count',
          width: 5,
          targets: [{ prom: 'sum by (breaker) (signalbox_breaker_open)', legend: '{{breaker}}' }],
          thresholds: [
            { from: 0, tone: 'good' },
            { from: 1, tone: 'bad' },
          ],
        },
        {
          title: 'Closes that are overdue',
          about: 'Closes of the market that the feed has not brought.',
          kind: 'stat',
          unit: 'count',
          width: 5,
          targets: [{ prom: ofSessions('signalbox_closes_overdue'), legend: '{{session}}' }],
          thresholds: [
            { from: 0, tone: 'good' },
            { from: 1, tone: 'look' },
            { from: 3, tone: 'bad' },
          ],
        },
        {
          title: 'Database',
          about: '1 while PostgreSQL answers. Sessions go on without it for a while, and open nothing.',
          kind: 'stat',
          unit: 'count',
          width: 4,
          targets: [{ prom: 'min(signalbox_database_up)', legend: 'database' }],
          thresholds: [
            { from: 0, tone: 'bad' },
            { from: 1, tone: 'good' },
          ],
        },
      ],
    },
    {
      title: 'Trading path',
      panels: [
        lines(
          'From bar to request',
          'From the arrival of the bar until its order was handed to the venue.',
          'seconds',
          [
            [
              'histogram_quantile(0.5, sum by (le) (rate(signalbox_order_stage_seconds_bucket{stage="bar-to-sent"}[$__rate_interval])))',
              'median',
            ],
            [
              'histogram_quantile(0.99, sum by (le) (rate(signalbox_order_stage_seconds_bucket{stage="bar-to-sent"}[$__rate_interval])))',
              'p99',
            ],
          ],
        ),
        lines(
          'Answers of the venue',
          '99th percentile of requests about orders, by how they were answered.',
          'seconds',
          [[quantile(0.99, 'venue_request_seconds', 'answer'), '{{answer}}']],
        ),
        lines('Bars a second', 'Bars that sessions take.', 'rate', [
          [ofSessions('rate(signalbox_bars_total[$__rate_interval])'), '{{session}}'],
        ]),
        lines('Refusals a minute', 'Signals and orders that were not let through, by code.', 'rate', [
          ['60 * sum by (code) (rate(signalbox_refusals_total[$__rate_interval]))', '{{code}}'],
        ]),
        lines(
          'Rejects and mismatches',
          'Orders that the venue rejected, and times that books and venue differed.',
          'count',
          [
            ['sum(increase(signalbox_order_updates_total{state="REJECTED"}[1h]))', 'rejects in an hour'],
            ['sum(increase(signalbox_mismatches_total[1h]))', 'mismatches in an hour'],
          ],
        ),
        {
          title: 'Breakers',
          about: 'Their last changes, and why.',
          kind: 'table',
          unit: 'count',
          width: 8,
          height: 8,
          targets: [
            {
              sql: 'SELECT time, session_id, breaker, state, reason FROM board_breakers WHERE $__timeFilter(time) ORDER BY time DESC LIMIT 50',
              format: 'rows',
            },
          ],
        },
      ],
    },
    {
      title: 'Database and queue',
      panels: [
        lines('Commits', 'How long transactions take until they are committed.', 'seconds', [
          [quantile(0.5, 'database_commit_seconds'), 'median {{instance}}'],
          [quantile(0.99, 'database_commit_seconds'), 'p99 {{instance}}'],
        ]),
        lines('Connections', 'Of each process; what waits has to wait for one of them.', 'count', [
          ['sum by (state) (signalbox_database_connections)', '{{state}}'],
        ]),
        lines('Size', 'Of the database, and what is free on the disk of the data folder.', 'bytes', [
          ['max(signalbox_database_size_bytes)', 'database'],
          ['min(signalbox_disk_bytes{state="free"})', 'free disk'],
        ]),
        {
          title: 'Largest tables',
          about: 'With their indexes.',
          kind: 'table',
          unit: 'bytes',
          width: 8,
          height: 8,
          columns: { about_rows: 'count' },
          targets: [
            { sql: 'SELECT name, bytes, about_rows FROM board_tables ORDER BY bytes DESC LIMIT 20', format: 'rows' },
          ],
        },
        lines('Jobs', 'How many wait, are done, and failed, whoever does them.', 'count', [
          ['max by (queue, state) (signalbox_queue_jobs)', '{{queue}} {{state}}'],
        ]),
        lines('Jobs that ended', 'A minute, by how they ended.', 'rate', [
          ['60 * sum by (queue, result) (rate(signalbox_jobs_total[$__rate_interval]))', '{{queue}} {{result}}'],
        ]),
      ],
    },
    {
      title: 'Processes and alerts',
      panels: [
        lines('Memory', 'Resident, by process.', 'bytes', [
          ['signalbox_process_resident_memory_bytes', '{{instance}}'],
        ]),
        lines('Processor', 'Share of one core, by process.', 'ratio', [
          ['rate(signalbox_process_cpu_seconds_total[$__rate_interval])', '{{instance}}'],
        ]),
        lines('Event loop', 'How late work begins, 99th percentile.', 'seconds', [
          ['signalbox_nodejs_eventloop_lag_p99_seconds', '{{instance}}'],
        ]),
        {
          title: 'Alerts',
          about: 'Those that were raised in the span; what waits could not be delivered yet.',
          kind: 'table',
          unit: 'count',
          width: 24,
          targets: [
            {
              sql: `SELECT time, severity, type, session_id, words, times, resolved_at, resolution, waiting FROM board_alerts
WHERE $__timeFilter(time) ORDER BY time DESC LIMIT 100`,
              format: 'rows',
            },
          ],
        },
      ],
    },
  ],
};
