-- Up Migration

-- What boards read, and nothing else: a role for boards may read these views and no table. Columns are added at the end only.

CREATE VIEW signalbox.board_sessions AS
SELECT s.id AS session_id, s.experiment, s.kind, s.started_at, s.ended_at, s.last_close, s.kill_state, s.capital::float8 AS capital,
       s.equity, s.equity / nullif(s.capital::float8, 0) - 1 AS total_return, cardinality(s.symbols) AS symbols, s.step,
       (SELECT count(*) FROM jsonb_object_keys(coalesce(s.positions, '{}'))) AS positions
FROM signalbox.sessions s;

CREATE VIEW signalbox.board_account AS
SELECT a.session_id, s.experiment, s.kind, a.books_at AS time, (a.books ->> 'equity')::float8 AS equity, (a.books ->> 'cash')::float8 AS cash,
       (a.books ->> 'gross')::float8 AS gross, (a.books ->> 'net')::float8 AS net, (a.books ->> 'realised')::float8 AS realised,
       (a.books ->> 'unrealised')::float8 AS unrealised, (a.books ->> 'fees')::float8 AS fees,
       (a.books ->> 'equity')::float8 - (a.books ->> 'dayStartEquity')::float8 AS day_pnl,
       (a.books ->> 'gross')::float8 / nullif((a.books ->> 'equity')::float8, 0) AS leverage,
       (a.books ->> 'gross')::float8 / nullif((a.books ->> 'leverageMax')::float8 * (a.books ->> 'equity')::float8, 0) AS margin_used
FROM signalbox.account_snapshots a JOIN signalbox.sessions s ON s.id = a.session_id
WHERE a.books IS NOT NULL;

CREATE VIEW signalbox.board_equity AS
SELECT p.session_id, s.experiment, s.kind, p.minute AS time, p.equity, p.cash, p.gross, p.net, p.realised, p.unrealised, p.fees,
       1 - p.equity / nullif(greatest(s.capital::float8, max(p.equity) OVER (PARTITION BY p.session_id ORDER BY p.minute)), 0) AS drawdown,
       p.gross / nullif(p.equity, 0) AS leverage
FROM signalbox.account_points p JOIN signalbox.sessions s ON s.id = p.session_id;

CREATE VIEW signalbox.board_positions AS
SELECT a.session_id, a.books_at AS time, p ->> 'symbol' AS symbol, p ->> 'sector' AS sector, (p ->> 'quantity')::float8 AS quantity,
       (p ->> 'averagePrice')::float8 AS average_price, (p ->> 'price')::float8 AS price, (p ->> 'value')::float8 AS value,
       (p ->> 'unrealised')::float8 AS unrealised, (p ->> 'realised')::float8 AS realised,
       (p ->> 'value')::float8 / nullif((a.books ->> 'equity')::float8, 0) AS share
FROM signalbox.account_snapshots a, jsonb_array_elements(a.books -> 'positions') AS p;

CREATE VIEW signalbox.board_bars AS
SELECT b.session_id, s.symbols[b.symbol + 1] AS symbol, b.close_time AS time, b.open, b.high, b.low, b.close, b.volume, b.late_bars, b.unfit
FROM signalbox.session_bars b JOIN signalbox.sessions s ON s.id = b.session_id;

CREATE VIEW signalbox.board_fills AS
SELECT f.session_id, f."time", f.symbol, CASE WHEN f.quantity > 0 THEN 'buy' ELSE 'sell' END AS side, abs(f.quantity)::float8 AS quantity,
       f.price::float8 AS price, abs(f.quantity * f.price)::float8 AS notional, f.fee::float8 AS fee, f.slippage::float8 AS slippage,
       f.sequence, coalesce(o.order_type, 'unknown') AS order_type, f.strategy
FROM signalbox.fills f LEFT JOIN signalbox.orders o ON o.session_id = f.session_id AND o.sequence = f.sequence
WHERE NOT f.takes_back;

CREATE VIEW signalbox.board_orders AS
SELECT o.session_id, o."time", o.sequence, o.client_order_id, o.symbol, o.side, o.quantity::float8 AS quantity, o.order_type, o.role, o.state,
       o.decision_price::float8 AS decision_price, o.limit_price::float8 AS limit_price, o.trigger_price::float8 AS trigger_price,
       o.time_in_force, o.clipped_by, o.reduces, o.strategy, filled.quantity AS filled, filled.price AS fill_price, filled.fee
FROM signalbox.orders o LEFT JOIN LATERAL (
  SELECT sum(abs(f.quantity))::float8 AS quantity, (sum(abs(f.quantity) * f.price) / nullif(sum(abs(f.quantity)), 0))::float8 AS price,
         sum(f.fee)::float8 AS fee
  FROM signalbox.fills f WHERE f.session_id = o.session_id AND f.sequence = o.sequence AND NOT f.takes_back
) AS filled ON true;

CREATE VIEW signalbox.board_signals AS
SELECT session_id, "time", symbol, action, probability, confidence, strength, reason, model, novelty, disagreement, strategy, refused
FROM signalbox.signals;

CREATE VIEW signalbox.board_refusals AS
SELECT session_id, "time", symbol, stage, code, reason FROM signalbox.refusals;

CREATE VIEW signalbox.board_latencies AS
SELECT l.session_id, l.sequence, o."time", stage.name AS stage, stage.took / 1000 AS seconds
FROM signalbox.order_latencies l JOIN signalbox.orders o ON o.session_id = l.session_id AND o.sequence = l.sequence
CROSS JOIN LATERAL (VALUES
  ('arrived', l.arrived_ms - l.closed_ms), ('decided', l.decided_ms - l.arrived_ms), ('committed', l.committed_ms - l.decided_ms),
  ('sent', l.sent_ms - l.committed_ms), ('acknowledged', l.acknowledged_ms - l.sent_ms),
  ('filled', l.filled_ms - coalesce(l.acknowledged_ms, l.sent_ms, l.committed_ms))
) AS stage (name, took)
WHERE stage.took IS NOT NULL;

CREATE VIEW signalbox.board_breakers AS
SELECT session_id, breaker, state, at AS time, reason FROM signalbox.breaker_changes;

CREATE VIEW signalbox.board_venue_requests AS
SELECT session_id, sent_at AS time, method, status, took_ms / 1000 AS seconds FROM signalbox.venue_requests;

CREATE VIEW signalbox.board_outcomes AS
SELECT session_id, symbol, action, strength, model, strategy, probability, refused, decided_at AS time, known_at, label, realised_return,
       (CASE WHEN action = 'BUY' THEN realised_return > 0 ELSE realised_return < 0 END) AS hit
FROM signalbox.signal_outcomes;

CREATE VIEW signalbox.board_alerts AS
SELECT a.id, a.key, a.type, a.severity, a.session_id, a.words, a.raised_at AS time, a.last_at, a.times, a.resolved_at, a.resolution,
       (SELECT count(*) FROM signalbox.alert_deliveries d WHERE d.alert_id = a.id AND d.delivered_at IS NULL) AS waiting
FROM signalbox.alerts a;

CREATE VIEW signalbox.board_deliveries AS
SELECT channel, try_at AS time, delivered_at, attempts, extract(epoch FROM delivered_at - try_at)::float8 AS seconds FROM signalbox.alert_deliveries;

CREATE VIEW signalbox.board_models AS
SELECT v.name, v.version, v.created_at AS time, v.expires_at, m.train_from, m.train_to, left(v.model_hash, 12) AS model,
       (SELECT string_agg(alias, ', ' ORDER BY alias) FROM signalbox.model_aliases a WHERE a.name = v.name AND a.version = v.version) AS aliases
FROM signalbox.model_versions v LEFT JOIN signalbox.models m ON m.hash = v.model_hash;

CREATE VIEW signalbox.board_monitoring AS
SELECT r.name, r.as_of AS time, left(r.model_hash, 12) AS model, (r.report ->> 'predictions')::int AS predictions,
       (r.report ->> 'labelled')::int AS labelled, (r.report ->> 'novelShare')::float8 AS novel_share,
       (r.report ->> 'novelExpected')::float8 AS novel_expected, (r.report #>> '{scores,live,logLoss}')::float8 AS log_loss,
       (r.report #>> '{scores,expected,logLoss}')::float8 AS log_loss_expected, cardinality(r.alarms) AS alarms,
       array_to_string(r.alarms, ', ') AS alarm_names
FROM signalbox.monitoring_reports r;

CREATE VIEW signalbox.board_predictions AS
SELECT left(model_hash, 12) AS model, symbol, decision_time AS time, role, probability, score, novelty, disagreement, label, realised_return,
       power(probability - label, 2) AS squared_error
FROM signalbox.live_predictions;

CREATE VIEW signalbox.board_promotions AS
SELECT name, version, champion_version, outcome, reason, decided_at AS time FROM signalbox.promotion_decisions;

CREATE VIEW signalbox.board_trainings AS
SELECT t.experiment_name AS experiment, left(t.hash, 12) AS training, t.backend, t.created_at AS time, t.assembled_at, t.cancelled,
       extract(epoch FROM t.assembled_at - t.created_at)::float8 AS seconds,
       (SELECT count(*) FROM signalbox.fold_results f WHERE f.training_hash = t.hash) AS folds
FROM signalbox.trainings t;

CREATE VIEW signalbox.board_trials AS
SELECT experiment_name AS experiment, left(experiment_hash, 12) AS variant, first_seen_at AS time, sharpe, excess_sharpe,
       cardinality(daily_returns) AS days, day_closes[1] AS from_time, day_closes[cardinality(day_closes)] AS to_time,
       (SELECT avg(one) FROM unnest(daily_returns) AS one) AS mean_daily_return
FROM signalbox.trials;

CREATE VIEW signalbox.board_searches AS
SELECT s.experiment_name AS experiment, left(s.hash, 12) AS search, s.created_at AS time, s.cancelled, count(t.*) AS trials, max(t.objective) AS best
FROM signalbox.searches s LEFT JOIN signalbox.search_trials t ON t.search_hash = s.hash GROUP BY s.hash, s.experiment_name, s.created_at, s.cancelled;

CREATE VIEW signalbox.board_series AS
SELECT b.source, b.symbol, b.timeframe, b.bar_count AS bars, b.first_open_time, b.last_open_time, b.updated_at AS time, q.errors, q.warnings
FROM signalbox.bar_series b LEFT JOIN LATERAL (
  SELECT errors, warnings FROM signalbox.quality_reports WHERE series_id = b.id ORDER BY id DESC LIMIT 1
) AS q ON true;

CREATE VIEW signalbox.board_outbox AS
SELECT state, count(*) AS entries, min(enqueued_at) AS oldest FROM signalbox.tracking_entries GROUP BY state;

CREATE VIEW signalbox.board_tables AS
SELECT c.relname::text AS name, pg_total_relation_size(c.oid)::float8 AS bytes, greatest(c.reltuples, 0)::float8 AS about_rows
FROM pg_class c WHERE c.relnamespace = 'signalbox'::regnamespace AND c.relkind = 'r';

-- Down Migration

DROP VIEW signalbox.board_tables, signalbox.board_outbox, signalbox.board_series, signalbox.board_searches, signalbox.board_trials,
  signalbox.board_trainings, signalbox.board_promotions, signalbox.board_predictions, signalbox.board_monitoring, signalbox.board_models,
  signalbox.board_deliveries, signalbox.board_alerts, signalbox.board_outcomes, signalbox.board_venue_requests, signalbox.board_breakers,
  signalbox.board_latencies, signalbox.board_refusals, signalbox.board_signals, signalbox.board_orders, signalbox.board_fills,
  signalbox.board_bars, signalbox.board_positions, signalbox.board_equity, signalbox.board_account, signalbox.board_sessions;
