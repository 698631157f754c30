-- The schema that the migrations add up to. Written by `npm run schema`; a test compares it.

SET LOCAL check_function_bodies = false;

CREATE OR REPLACE FUNCTION signalbox.alert_audience(wanted text[], by_push boolean, kind text, weight text, session text, moment timestamp with time zone)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE
AS $function$
  SELECT name FROM unnest(wanted) AS name
  WHERE signalbox.alert_chosen(NULL, name, kind, weight) AND NOT signalbox.alert_silenced(kind, session, moment)
  UNION ALL
  SELECT 'push:' || push.id
  FROM signalbox.push_subscriptions AS push JOIN signalbox.users AS person ON person.id = push.user_id
  WHERE by_push AND person.disabled_at IS NULL AND person.role <> 'strategy'
    AND (person.sessions IS NULL OR session = ANY (person.sessions))
    AND signalbox.alert_chosen(person.id, 'push', kind, weight)
    AND NOT signalbox.alert_silenced(kind, session, moment)
$function$;

CREATE OR REPLACE FUNCTION signalbox.alert_chosen(whose bigint, name text, kind text, weight text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  SELECT coalesce((
    SELECT array_position(ARRAY['info', 'warning', 'critical', 'none'], weight)
           >= array_position(ARRAY['info', 'warning', 'critical', 'none'], least)
    FROM signalbox.alert_choices
    WHERE user_id IS NOT DISTINCT FROM whose AND channel = name AND (type = kind OR type IS NULL)
    ORDER BY type NULLS LAST LIMIT 1), true)
$function$;

CREATE OR REPLACE FUNCTION signalbox.alert_silenced(kind text, session text, moment timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  SELECT EXISTS (
    SELECT FROM signalbox.alert_silences
    WHERE ended_at IS NULL AND until > moment AND (type IS NULL OR type = kind)
      AND (session_id IS NULL OR session_id = session))
$function$;

CREATE OR REPLACE FUNCTION signalbox.chain_audit_entry()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  last_position bigint;
  last_hash text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('signalbox.audit_entries', 0));
  SELECT position, hash INTO last_position, last_hash FROM signalbox.audit_entries ORDER BY position DESC LIMIT 1;
  NEW.position := coalesce(last_position, 0) + 1;
  NEW.at := date_trunc('milliseconds', clock_timestamp());
  NEW.previous := coalesce(last_hash, repeat('0', 64));
  SELECT encode(sha256(convert_to(string_agg(coalesce(octet_length(field) || ':' || field, '-'), '' ORDER BY place), 'UTF8')), 'hex')
  INTO NEW.hash
  FROM unnest(ARRAY[
    NEW.previous, NEW.position::text, to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    NEW.actor_kind, NEW.actor, NEW.action, NEW.session_id, NEW.reason, NEW.details
  ]) WITH ORDINALITY AS fields (field, place);
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION signalbox.delete_journal_rows()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  DELETE FROM signalbox.signals WHERE session_id = OLD.id;
  DELETE FROM signalbox.refusals WHERE session_id = OLD.id;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION signalbox.delete_predictions()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  DELETE FROM signalbox.predictions WHERE training_hash = OLD.hash;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION signalbox.keep_audit_entry()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    IF NOT EXISTS (SELECT FROM signalbox.audit_entries) THEN RETURN NULL; END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF EXISTS (
      SELECT FROM signalbox.audit_entries
      WHERE action = 'audit-cut' AND position > OLD.position AND (details::jsonb ->> 'through')::bigint >= OLD.position
    ) THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION 'entries of the audit are never changed or removed' USING ERRCODE = 'insufficient_privilege';
END $function$;

CREATE OR REPLACE FUNCTION signalbox.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION '% of signalbox.% is refused: rows are only added', TG_OP, TG_TABLE_NAME;
END $function$;

CREATE OR REPLACE FUNCTION signalbox.tell_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  whose text;
BEGIN
  FOR whose IN EXECUTE format('SELECT DISTINCT %I::text FROM changed', TG_ARGV[1]) LOOP
    PERFORM pg_notify('signalbox_changes', json_build_object('channel', TG_ARGV[0], 'session', whose)::text);
  END LOOP;
  RETURN NULL;
END $function$;

CREATE SEQUENCE migrations_id_seq AS integer INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1;

CREATE TABLE account_points (
  session_id text NOT NULL,
  minute timestamp with time zone NOT NULL,
  equity double precision NOT NULL,
  cash double precision NOT NULL,
  gross double precision NOT NULL,
  net double precision NOT NULL,
  realised double precision NOT NULL,
  unrealised double precision NOT NULL,
  fees double precision NOT NULL
);

CREATE TABLE account_snapshots (
  session_id text NOT NULL,
  books jsonb,
  books_at timestamp with time zone,
  venue jsonb,
  venue_at timestamp with time zone
);

CREATE TABLE alert_choices (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint,
  channel text NOT NULL,
  type text,
  "least" text NOT NULL
);

CREATE TABLE alert_deliveries (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  alert_id bigint NOT NULL,
  key text NOT NULL,
  type text NOT NULL,
  channel text NOT NULL,
  message jsonb NOT NULL,
  attempts integer DEFAULT 0 NOT NULL,
  try_at timestamp with time zone NOT NULL,
  claimed_until timestamp with time zone,
  delivered_at timestamp with time zone,
  answer text,
  sent_as bigint
);

CREATE TABLE alert_inboxes (
  user_id bigint NOT NULL,
  read_to bigint NOT NULL
);

CREATE TABLE alert_rule_states (
  rule text NOT NULL,
  subject text NOT NULL,
  source text NOT NULL,
  since timestamp with time zone NOT NULL,
  raised boolean DEFAULT false NOT NULL
);

CREATE TABLE alert_rules (
  name text NOT NULL,
  metric text NOT NULL,
  above boolean NOT NULL,
  threshold double precision NOT NULL,
  for_seconds integer NOT NULL,
  severity text NOT NULL,
  session_id text,
  channels text[],
  enabled boolean DEFAULT true NOT NULL,
  made_at timestamp with time zone NOT NULL,
  made_by text NOT NULL,
  window_seconds integer
);

CREATE TABLE alert_silences (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  type text,
  session_id text,
  until timestamp with time zone NOT NULL,
  made_at timestamp with time zone NOT NULL,
  made_by text NOT NULL,
  reason text NOT NULL,
  ended_at timestamp with time zone
);

CREATE TABLE alerts (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  key text NOT NULL,
  type text NOT NULL,
  severity text NOT NULL,
  session_id text,
  words text NOT NULL,
  details jsonb NOT NULL,
  raised_at timestamp with time zone NOT NULL,
  last_at timestamp with time zone NOT NULL,
  times integer DEFAULT 1 NOT NULL,
  resolved_at timestamp with time zone,
  resolution text,
  acknowledged_at timestamp with time zone,
  acknowledged_by text,
  escalated_at timestamp with time zone
);

CREATE TABLE api_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  hash text NOT NULL,
  role text NOT NULL,
  sessions text[],
  made_by text NOT NULL,
  made_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  revoked_at timestamp with time zone,
  owner_id bigint
);

CREATE TABLE audit_entries (
  "position" bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  actor_kind text NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  session_id text,
  reason text NOT NULL,
  details text NOT NULL,
  previous text NOT NULL,
  hash text NOT NULL
);

CREATE TABLE backtest_jobs (
  id text NOT NULL,
  asked jsonb NOT NULL,
  asked_by text NOT NULL,
  asked_at timestamp with time zone DEFAULT now() NOT NULL,
  correlation_id text NOT NULL,
  state text DEFAULT 'waiting'::text NOT NULL,
  began_at timestamp with time zone,
  ended_at timestamp with time zone,
  result jsonb,
  problem text,
  kind text DEFAULT 'rules'::text NOT NULL,
  progress jsonb,
  run text
);

CREATE TABLE backups (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  made_at timestamp with time zone NOT NULL,
  host text NOT NULL,
  file text NOT NULL,
  tables integer NOT NULL,
  rows bigint NOT NULL,
  sealed boolean NOT NULL
);

CREATE TABLE bar_arrivals (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  series_id integer NOT NULL,
  first_open timestamp with time zone NOT NULL,
  last_open timestamp with time zone NOT NULL,
  opens double precision[],
  recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE bar_changes (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  series_id integer NOT NULL,
  open_time timestamp with time zone NOT NULL,
  stored double precision[] NOT NULL,
  offered double precision[],
  accepted boolean NOT NULL,
  detected_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE bar_series (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  source text NOT NULL,
  origin text NOT NULL,
  symbol text NOT NULL,
  timeframe text NOT NULL,
  calendar text NOT NULL,
  asset_class text NOT NULL,
  currency text NOT NULL,
  tick double precision NOT NULL,
  lot double precision NOT NULL,
  sector text,
  source_statement text NOT NULL,
  bar_count bigint DEFAULT 0 NOT NULL,
  first_open_time timestamp with time zone,
  last_open_time timestamp with time zone,
  block_hashes bytea DEFAULT '\x'::bytea NOT NULL,
  revision integer DEFAULT 0 NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  updated_at timestamp with time zone DEFAULT now() NOT NULL,
  dropped_before timestamp with time zone
);

CREATE TABLE bars (
  series_id integer NOT NULL,
  open_time timestamp with time zone NOT NULL,
  close_time timestamp with time zone NOT NULL,
  open double precision NOT NULL,
  high double precision NOT NULL,
  low double precision NOT NULL,
  close double precision NOT NULL,
  volume double precision NOT NULL
) PARTITION BY RANGE (open_time);

CREATE TABLE breaker_changes (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  session_id text NOT NULL,
  breaker text NOT NULL,
  state text NOT NULL,
  at timestamp with time zone NOT NULL,
  reason text NOT NULL
);

CREATE TABLE corporate_actions (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  series_id integer NOT NULL,
  kind text NOT NULL,
  ex_date date NOT NULL,
  effective_at timestamp with time zone NOT NULL,
  value double precision NOT NULL,
  known_at timestamp with time zone NOT NULL,
  origin text NOT NULL,
  recorded_at timestamp with time zone DEFAULT now() NOT NULL,
  superseded_at timestamp with time zone
);

CREATE TABLE event_ranges (
  source text NOT NULL,
  symbol text NOT NULL,
  from_time timestamp with time zone NOT NULL,
  to_time timestamp with time zone NOT NULL
);

CREATE TABLE feature_materializations (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  set_hash text NOT NULL,
  series_ids integer[] NOT NULL,
  from_time timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
  revisions integer[] NOT NULL,
  last_close_time timestamp with time zone,
  row_count bigint DEFAULT 0 NOT NULL,
  state jsonb,
  updated_at timestamp with time zone DEFAULT now() NOT NULL,
  adjustment text DEFAULT ''::text NOT NULL,
  dropped_before timestamp with time zone
);

CREATE TABLE feature_rows (
  materialization_id integer NOT NULL,
  series_id integer NOT NULL,
  close_time timestamp with time zone NOT NULL,
  "values" double precision[] NOT NULL
) PARTITION BY RANGE (close_time);

CREATE TABLE feature_sets (
  hash text NOT NULL,
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text,
  version integer NOT NULL,
  timeframe text NOT NULL,
  expressions text[] NOT NULL,
  columns text[] NOT NULL,
  warm_up_bars integer NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE fills (
  session_id text NOT NULL,
  record bigint NOT NULL,
  sequence bigint NOT NULL,
  "time" timestamp with time zone NOT NULL,
  symbol text NOT NULL,
  quantity numeric NOT NULL,
  price numeric NOT NULL,
  fee numeric NOT NULL,
  slippage numeric NOT NULL,
  execution_id text,
  account text DEFAULT ''::text NOT NULL,
  takes_back boolean DEFAULT false NOT NULL,
  origin text,
  strategy text
);

CREATE TABLE fold_results (
  training_hash text NOT NULL,
  fold integer NOT NULL,
  result jsonb NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE idempotency_keys (
  client text NOT NULL,
  key text NOT NULL,
  asked text NOT NULL,
  asked_at timestamp with time zone NOT NULL,
  status integer,
  answer text
);

CREATE TABLE ingest_jobs (
  id text NOT NULL,
  asked jsonb NOT NULL,
  upload text,
  asked_by text NOT NULL,
  asked_at timestamp with time zone DEFAULT now() NOT NULL,
  correlation_id text NOT NULL,
  state text DEFAULT 'waiting'::text NOT NULL,
  began_at timestamp with time zone,
  ended_at timestamp with time zone,
  progress jsonb,
  result jsonb,
  problem text
);

CREATE TABLE journal_batches (
  session_id text NOT NULL,
  first_record bigint NOT NULL,
  records integer NOT NULL,
  bytes bytea NOT NULL
);

CREATE TABLE known_events (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  source text NOT NULL,
  source_id text NOT NULL,
  revision integer NOT NULL,
  symbol text NOT NULL,
  kind text NOT NULL,
  field text NOT NULL,
  value double precision,
  expected double precision,
  body text,
  event_time timestamp with time zone NOT NULL,
  known_time timestamp with time zone NOT NULL,
  known_by text NOT NULL,
  method text,
  ingested_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE leakage_reports (
  training_hash text NOT NULL,
  hunt text NOT NULL,
  compared jsonb NOT NULL,
  findings jsonb NOT NULL,
  hunted_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE ledger_entries (
  session_id text NOT NULL,
  record bigint NOT NULL,
  kind text NOT NULL,
  "time" timestamp with time zone NOT NULL,
  symbol text,
  amount numeric NOT NULL,
  payment_id text
);

CREATE TABLE live_predictions (
  model_hash text NOT NULL,
  symbol text NOT NULL,
  decision_time timestamp with time zone NOT NULL,
  role text NOT NULL,
  probability double precision NOT NULL,
  score double precision NOT NULL,
  novelty double precision,
  label smallint,
  realised_return double precision,
  made_at timestamp with time zone NOT NULL,
  reasons text,
  disagreement double precision
);

CREATE TABLE log_levels (
  module text NOT NULL,
  process text NOT NULL,
  level text NOT NULL,
  actor text NOT NULL,
  set_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE migrations (
  id integer DEFAULT nextval('migrations_id_seq'::regclass) NOT NULL,
  name character varying(255) NOT NULL,
  run_on timestamp without time zone NOT NULL
);

CREATE TABLE model_aliases (
  name text NOT NULL,
  alias text NOT NULL,
  version integer NOT NULL,
  changed_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE model_versions (
  name text NOT NULL,
  version integer NOT NULL,
  model_hash text NOT NULL,
  experiment_hash text NOT NULL,
  evidence jsonb DEFAULT '{}'::jsonb NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  expires_at timestamp with time zone
);

CREATE TABLE models (
  hash text NOT NULL,
  training_hash text NOT NULL,
  fold integer,
  train_from timestamp with time zone NOT NULL,
  train_to timestamp with time zone NOT NULL,
  feature_set_hash text NOT NULL,
  content bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE monitoring_actions (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  as_of timestamp with time zone NOT NULL,
  kind text NOT NULL,
  detail jsonb NOT NULL,
  acted_at timestamp with time zone NOT NULL
);

CREATE TABLE monitoring_reports (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  model_hash text NOT NULL,
  as_of timestamp with time zone NOT NULL,
  report jsonb NOT NULL,
  alarms text[] NOT NULL,
  reported_at timestamp with time zone NOT NULL
);

CREATE TABLE one_time_links (
  hash text NOT NULL,
  user_id bigint NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  used_at timestamp with time zone
);

CREATE TABLE order_amendments (
  session_id text NOT NULL,
  record bigint NOT NULL,
  sequence bigint NOT NULL,
  "time" timestamp with time zone NOT NULL,
  quantity numeric NOT NULL,
  trigger_price numeric,
  limit_price numeric
);

CREATE TABLE order_latencies (
  session_id text NOT NULL,
  sequence bigint NOT NULL,
  closed_ms double precision,
  arrived_ms double precision,
  decided_ms double precision,
  committed_ms double precision,
  sent_ms double precision,
  acknowledged_ms double precision,
  filled_ms double precision
);

CREATE UNLOGGED TABLE order_questions (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  session_id text NOT NULL,
  asked jsonb NOT NULL,
  asked_at timestamp with time zone DEFAULT now() NOT NULL,
  answer jsonb
);

CREATE TABLE orders (
  session_id text NOT NULL,
  sequence bigint NOT NULL,
  record bigint NOT NULL,
  client_order_id text NOT NULL,
  "time" timestamp with time zone NOT NULL,
  symbol text NOT NULL,
  side text NOT NULL,
  quantity numeric NOT NULL,
  fraction double precision NOT NULL,
  decision_price numeric NOT NULL,
  clipped_by text,
  reduces boolean NOT NULL,
  state text NOT NULL,
  order_type text DEFAULT 'market'::text NOT NULL,
  role text,
  trigger_price numeric,
  trail numeric,
  trail_share double precision,
  time_in_force text DEFAULT 'gtc'::text NOT NULL,
  expires_at timestamp with time zone,
  limit_price numeric,
  post_only boolean DEFAULT false NOT NULL,
  reduce_only boolean DEFAULT false NOT NULL,
  strategy text,
  parent bigint
);

CREATE TABLE parent_order_ends (
  session_id text NOT NULL,
  parent bigint NOT NULL,
  record bigint NOT NULL,
  "time" timestamp with time zone NOT NULL,
  filled numeric NOT NULL,
  given_up numeric NOT NULL,
  code text
);

CREATE TABLE parent_orders (
  session_id text NOT NULL,
  parent bigint NOT NULL,
  record bigint NOT NULL,
  "time" timestamp with time zone NOT NULL,
  symbol text NOT NULL,
  side text NOT NULL,
  quantity numeric NOT NULL,
  clipped_by text,
  reduces boolean NOT NULL,
  algorithm text NOT NULL,
  rule jsonb NOT NULL,
  arrival_price numeric NOT NULL,
  bound_price numeric,
  label text,
  strategy text
);

CREATE TABLE plan_outcomes (
  plan_id bigint NOT NULL,
  kind text NOT NULL,
  experiment_hash text NOT NULL,
  data_hash text NOT NULL,
  made_at timestamp with time zone DEFAULT now() NOT NULL,
  compared jsonb NOT NULL
);

CREATE TABLE plans (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  experiment_name text NOT NULL,
  registered_at timestamp with time zone DEFAULT now() NOT NULL,
  experiment_hash text NOT NULL,
  data_hash text NOT NULL,
  plan jsonb NOT NULL,
  experiment jsonb NOT NULL,
  trials_seen integer NOT NULL
);

CREATE TABLE predictions (
  training_hash text NOT NULL,
  fold integer NOT NULL,
  symbol text NOT NULL,
  decision_time timestamp with time zone NOT NULL,
  probability double precision NOT NULL,
  score double precision NOT NULL,
  label smallint NOT NULL,
  realised_return double precision NOT NULL,
  path integer DEFAULT 0 NOT NULL,
  novelty double precision,
  reasons text,
  disagreement double precision,
  moves bytea
);

CREATE TABLE processes (
  id text NOT NULL,
  role text NOT NULL,
  host text NOT NULL,
  pid integer NOT NULL,
  version text NOT NULL,
  node text NOT NULL,
  began_at timestamp with time zone NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  health jsonb NOT NULL,
  figures jsonb NOT NULL
);

CREATE TABLE promotion_decisions (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  version integer NOT NULL,
  model_hash text NOT NULL,
  champion_version integer,
  outcome text NOT NULL,
  criteria jsonb NOT NULL,
  reason text,
  decided_at timestamp with time zone NOT NULL
);

CREATE TABLE push_subscriptions (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  endpoint text NOT NULL,
  p256dh text NOT NULL,
  auth text NOT NULL,
  browser text NOT NULL,
  made_at timestamp with time zone NOT NULL
);

CREATE TABLE quality_findings (
  report_id integer NOT NULL,
  check_name text NOT NULL,
  severity text NOT NULL,
  open_time timestamp with time zone NOT NULL,
  bars integer NOT NULL,
  message text NOT NULL
);

CREATE TABLE quality_reports (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  series_id integer NOT NULL,
  fingerprint text NOT NULL,
  bars bigint NOT NULL,
  errors integer NOT NULL,
  warnings integer NOT NULL,
  infos integer NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE recovery_codes (
  user_id bigint NOT NULL,
  hash text NOT NULL,
  used_at timestamp with time zone
);

CREATE TABLE refresh_tokens (
  hash text NOT NULL,
  sign_in_id bigint NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  used_at timestamp with time zone
);

CREATE TABLE refusals (
  session_id text NOT NULL,
  record bigint NOT NULL,
  "time" timestamp with time zone NOT NULL,
  symbol text NOT NULL,
  stage text NOT NULL,
  code text NOT NULL,
  reason text NOT NULL
);

CREATE TABLE risk_profiles (
  user_id bigint NOT NULL,
  order_value_max numeric,
  daily_orders_max integer,
  daily_value_max numeric,
  session_capital_max numeric,
  symbols text[],
  changed_by text NOT NULL,
  changed_at timestamp with time zone NOT NULL
);

CREATE TABLE search_trials (
  search_hash text NOT NULL,
  training_window integer NOT NULL,
  trial integer NOT NULL,
  rung integer NOT NULL,
  parameters jsonb NOT NULL,
  objective double precision,
  result jsonb NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE searches (
  hash text NOT NULL,
  experiment_name text NOT NULL,
  data_hash text NOT NULL,
  plan jsonb NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  cancelled boolean DEFAULT false NOT NULL
);

CREATE TABLE second_factor_roles (
  role text NOT NULL
);

CREATE TABLE second_factors (
  user_id bigint NOT NULL,
  secret text NOT NULL,
  begun_at timestamp with time zone NOT NULL,
  confirmed_at timestamp with time zone,
  last_step bigint
);

CREATE TABLE session_actions (
  session_id text NOT NULL,
  close_time timestamp with time zone NOT NULL,
  symbol integer NOT NULL,
  kind text NOT NULL,
  effective_at timestamp with time zone NOT NULL,
  known_at timestamp with time zone NOT NULL,
  value double precision NOT NULL
);

CREATE TABLE session_alert_marks (
  session_id text NOT NULL,
  records bigint NOT NULL
);

CREATE TABLE session_bars (
  session_id text NOT NULL,
  close_time timestamp with time zone NOT NULL,
  symbol integer NOT NULL,
  open_time timestamp with time zone NOT NULL,
  open double precision NOT NULL,
  high double precision NOT NULL,
  low double precision NOT NULL,
  close double precision NOT NULL,
  volume double precision NOT NULL,
  decided_by text,
  late_bars integer DEFAULT 0 NOT NULL,
  unfit text,
  quote_ms double precision,
  bid double precision,
  ask double precision,
  bid_size double precision,
  ask_size double precision,
  records bigint,
  events_to bigint
);

CREATE TABLE session_commands (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  session_id text NOT NULL,
  command text NOT NULL,
  requested_at timestamp with time zone DEFAULT now() NOT NULL,
  step bigint,
  took_effect_at timestamp with time zone,
  limits jsonb,
  asked jsonb,
  outcome jsonb,
  origin jsonb,
  request text
);

CREATE TABLE session_parity (
  session_id text NOT NULL,
  as_of timestamp with time zone NOT NULL,
  document jsonb NOT NULL,
  made_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE session_sources (
  session_id text NOT NULL,
  experiment text NOT NULL,
  options jsonb NOT NULL
);

CREATE TABLE session_states (
  session_id text NOT NULL,
  format text NOT NULL,
  digest text NOT NULL,
  document text NOT NULL
);

CREATE TABLE session_stops (
  session_id text NOT NULL,
  asked_at timestamp with time zone NOT NULL
);

CREATE TABLE session_supervisors (
  session_id text NOT NULL,
  host text NOT NULL,
  pid integer NOT NULL,
  log text,
  began_at timestamp with time zone DEFAULT now() NOT NULL,
  doing text NOT NULL,
  doing_since timestamp with time zone DEFAULT now() NOT NULL,
  restarts integer DEFAULT 0 NOT NULL,
  outcome text,
  last_words text
);

CREATE TABLE session_writers (
  session_id text NOT NULL,
  writer integer NOT NULL,
  commits bigint NOT NULL,
  step bigint NOT NULL
);

CREATE TABLE sessions (
  id text NOT NULL,
  kind text NOT NULL,
  definition_hash text NOT NULL,
  definition jsonb NOT NULL,
  symbols text[] NOT NULL,
  capital numeric NOT NULL,
  started_at timestamp with time zone DEFAULT now() NOT NULL,
  ended_at timestamp with time zone,
  journal_hash text,
  step bigint,
  experiment text,
  kill_state text,
  last_close timestamp with time zone,
  equity double precision,
  positions jsonb,
  limits jsonb
);

CREATE TABLE shadow_signals (
  session_id text NOT NULL,
  shadow text NOT NULL,
  "time" timestamp with time zone NOT NULL,
  symbol text NOT NULL,
  action text NOT NULL,
  own_action text NOT NULL,
  probability double precision,
  confidence double precision NOT NULL,
  reason text NOT NULL
);

CREATE TABLE sign_in_failures (
  who text NOT NULL,
  at timestamp with time zone NOT NULL
);

CREATE TABLE sign_ins (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  began_at timestamp with time zone NOT NULL,
  address text NOT NULL,
  ended_at timestamp with time zone,
  ended_for text
);

CREATE TABLE signal_outcomes (
  session_id text NOT NULL,
  record bigint NOT NULL,
  symbol text NOT NULL,
  action text NOT NULL,
  strength text NOT NULL,
  model text,
  strategy text,
  probability double precision,
  refused text,
  decided_at timestamp with time zone NOT NULL,
  horizon_bars integer NOT NULL,
  known_at timestamp with time zone NOT NULL,
  label smallint NOT NULL,
  realised_return double precision NOT NULL
);

CREATE TABLE signals (
  session_id text NOT NULL,
  record bigint NOT NULL,
  "time" timestamp with time zone NOT NULL,
  symbol text NOT NULL,
  action text NOT NULL,
  probability double precision,
  confidence double precision NOT NULL,
  reason text NOT NULL,
  model text,
  novelty double precision,
  strategy text,
  signal_id text,
  strength text,
  decided_at timestamp with time zone,
  expires_at timestamp with time zone,
  disagreement double precision,
  refused text
);

CREATE TABLE signing_keys (
  id smallint NOT NULL,
  secret bytea NOT NULL
);

CREATE TABLE stage_changes (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  experiment text NOT NULL,
  experiment_hash text NOT NULL,
  from_stage text NOT NULL,
  to_stage text NOT NULL,
  changed_at timestamp with time zone DEFAULT now() NOT NULL,
  operator text NOT NULL,
  evidence jsonb NOT NULL,
  missing text[] NOT NULL,
  consent text
);

CREATE TABLE strategies (
  name text NOT NULL,
  version integer NOT NULL,
  desired text DEFAULT 'stopped'::text NOT NULL,
  asked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  asked_by text NOT NULL,
  session_id text,
  session_version integer,
  runs integer DEFAULT 0 NOT NULL,
  restart boolean DEFAULT false NOT NULL,
  told_session text,
  tries integer DEFAULT 0 NOT NULL,
  try_after timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  problem text,
  starting_until timestamp with time zone
);

CREATE TABLE strategy_versions (
  strategy text NOT NULL,
  version integer NOT NULL,
  yaml text NOT NULL,
  settings jsonb NOT NULL,
  made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  made_by text NOT NULL,
  reason text NOT NULL
);

CREATE TABLE tracking_entries (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  stream text NOT NULL,
  entry_key text NOT NULL,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  content bytea,
  state text DEFAULT 'pending'::text NOT NULL,
  uncertain boolean DEFAULT false NOT NULL,
  attempts integer DEFAULT 0 NOT NULL,
  answer text,
  enqueued_at timestamp with time zone DEFAULT now() NOT NULL,
  settled_at timestamp with time zone
);

CREATE TABLE tracking_identifiers (
  kind text NOT NULL,
  local_key text NOT NULL,
  remote_id text NOT NULL,
  experiment_id text,
  artifact_uri text
);

CREATE TABLE tracking_outbox (
  only_row boolean DEFAULT true NOT NULL,
  outbox_id uuid DEFAULT gen_random_uuid() NOT NULL
);

CREATE TABLE trainings (
  hash text NOT NULL,
  experiment_name text NOT NULL,
  experiment_hash text NOT NULL,
  data_hash text NOT NULL,
  feature_set_hash text NOT NULL,
  backend text NOT NULL,
  plan jsonb NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  assembled_at timestamp with time zone,
  cancelled boolean DEFAULT false NOT NULL
);

CREATE TABLE trials (
  data_hash text NOT NULL,
  experiment_hash text NOT NULL,
  experiment_name text NOT NULL,
  day_closes timestamp with time zone[] NOT NULL,
  daily_returns double precision[] NOT NULL,
  excess_returns double precision[] NOT NULL,
  sharpe double precision,
  excess_sharpe double precision,
  first_seen_at timestamp with time zone DEFAULT now() NOT NULL,
  symbols text[] DEFAULT '{}'::text[] NOT NULL,
  figures jsonb
);

CREATE TABLE user_orders (
  user_id bigint NOT NULL,
  asked_at timestamp with time zone NOT NULL,
  session_id text NOT NULL,
  symbol text NOT NULL,
  value numeric
);

CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  password_hash text,
  sessions text[],
  preferences jsonb DEFAULT '{}'::jsonb NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  disabled_at timestamp with time zone,
  provider_subject text
);

CREATE TABLE vendor_ranges (
  series_id integer NOT NULL,
  from_time timestamp with time zone NOT NULL,
  to_time timestamp with time zone NOT NULL,
  vendor text NOT NULL,
  bars bigint NOT NULL,
  because text,
  fetched_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE venue_inputs (
  session_id text NOT NULL,
  "position" integer NOT NULL,
  step integer NOT NULL,
  commands integer NOT NULL,
  event jsonb NOT NULL
);

CREATE TABLE venue_requests (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  session_id text NOT NULL,
  sequence bigint,
  client_order_id text NOT NULL,
  sent_at timestamp with time zone NOT NULL,
  took_ms double precision NOT NULL,
  method text NOT NULL,
  path text NOT NULL,
  body text,
  status integer,
  answer text NOT NULL
);

ALTER SEQUENCE migrations_id_seq OWNED BY migrations.id;

ALTER TABLE account_points ADD CONSTRAINT account_points_pkey PRIMARY KEY (session_id, minute);

ALTER TABLE account_snapshots ADD CONSTRAINT account_snapshots_pkey PRIMARY KEY (session_id);

ALTER TABLE alert_choices ADD CONSTRAINT alert_choices_pkey PRIMARY KEY (id);

ALTER TABLE alert_choices ADD CONSTRAINT alert_choices_least_check CHECK (("least" = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text, 'none'::text])));

ALTER TABLE alert_choices ADD CONSTRAINT alert_choices_user_id_channel_type_key UNIQUE NULLS NOT DISTINCT (user_id, channel, type);

ALTER TABLE alert_deliveries ADD CONSTRAINT alert_deliveries_pkey PRIMARY KEY (id);

ALTER TABLE alert_inboxes ADD CONSTRAINT alert_inboxes_pkey PRIMARY KEY (user_id);

ALTER TABLE alert_rule_states ADD CONSTRAINT alert_rule_states_pkey PRIMARY KEY (rule, subject);

ALTER TABLE alert_rules ADD CONSTRAINT alert_rules_pkey PRIMARY KEY (name);

ALTER TABLE alert_rules ADD CONSTRAINT alert_rules_for_seconds_check CHECK ((for_seconds >= 0));

ALTER TABLE alert_rules ADD CONSTRAINT alert_rules_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text])));

ALTER TABLE alert_rules ADD CONSTRAINT alert_rules_window_seconds_check CHECK ((window_seconds > 0));

ALTER TABLE alert_silences ADD CONSTRAINT alert_silences_pkey PRIMARY KEY (id);

ALTER TABLE alerts ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);

ALTER TABLE alerts ADD CONSTRAINT alerts_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text])));

ALTER TABLE api_tokens ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (id);

ALTER TABLE api_tokens ADD CONSTRAINT api_tokens_hash_key UNIQUE (hash);

ALTER TABLE api_tokens ADD CONSTRAINT api_tokens_name_key UNIQUE (name);

ALTER TABLE api_tokens ADD CONSTRAINT api_tokens_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'operator'::text, 'trader'::text, 'viewer'::text, 'strategy'::text])));

ALTER TABLE audit_entries ADD CONSTRAINT audit_entries_pkey PRIMARY KEY ("position");

ALTER TABLE audit_entries ADD CONSTRAINT audit_entries_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['operator'::text, 'strategy'::text, 'system'::text])));

ALTER TABLE backtest_jobs ADD CONSTRAINT backtest_jobs_pkey PRIMARY KEY (id);

ALTER TABLE backtest_jobs ADD CONSTRAINT backtest_jobs_kind_check CHECK ((kind = ANY (ARRAY['rules'::text, 'backtest'::text, 'walk-forward'::text])));

ALTER TABLE backtest_jobs ADD CONSTRAINT backtest_jobs_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text, 'canceled'::text])));

ALTER TABLE backups ADD CONSTRAINT backups_pkey PRIMARY KEY (id);

ALTER TABLE bar_arrivals ADD CONSTRAINT bar_arrivals_pkey PRIMARY KEY (id);

ALTER TABLE bar_changes ADD CONSTRAINT bar_changes_pkey PRIMARY KEY (id);

ALTER TABLE bar_series ADD CONSTRAINT bar_series_pkey PRIMARY KEY (id);

ALTER TABLE bar_series ADD CONSTRAINT bar_series_source_origin_symbol_timeframe_calendar_key UNIQUE (source, origin, symbol, timeframe, calendar);

ALTER TABLE bars ADD CONSTRAINT bars_pkey PRIMARY KEY (series_id, open_time);

ALTER TABLE breaker_changes ADD CONSTRAINT breaker_changes_pkey PRIMARY KEY (id);

ALTER TABLE breaker_changes ADD CONSTRAINT breaker_changes_breaker_check CHECK ((breaker = ANY (ARRAY['requests'::text, 'stream'::text, 'database'::text])));

ALTER TABLE breaker_changes ADD CONSTRAINT breaker_changes_state_check CHECK ((state = ANY (ARRAY['closed'::text, 'open'::text, 'half-open'::text])));

ALTER TABLE corporate_actions ADD CONSTRAINT corporate_actions_pkey PRIMARY KEY (id);

ALTER TABLE corporate_actions ADD CONSTRAINT corporate_actions_kind_check CHECK ((kind = ANY (ARRAY['split'::text, 'dividend'::text])));

ALTER TABLE corporate_actions ADD CONSTRAINT corporate_actions_value_check CHECK (((value > (0)::double precision) AND (value < 'Infinity'::double precision)));

ALTER TABLE event_ranges ADD CONSTRAINT event_ranges_pkey PRIMARY KEY (source, symbol);

ALTER TABLE event_ranges ADD CONSTRAINT event_ranges_check CHECK ((to_time > from_time));

ALTER TABLE feature_materializations ADD CONSTRAINT feature_materializations_pkey PRIMARY KEY (id);

ALTER TABLE feature_materializations ADD CONSTRAINT feature_materializations_set_hash_series_ids_from_time_adju_key UNIQUE (set_hash, series_ids, from_time, adjustment);

ALTER TABLE feature_rows ADD CONSTRAINT feature_rows_pkey PRIMARY KEY (materialization_id, series_id, close_time);

ALTER TABLE feature_sets ADD CONSTRAINT feature_sets_pkey PRIMARY KEY (hash);

ALTER TABLE feature_sets ADD CONSTRAINT feature_sets_id_key UNIQUE (id);

ALTER TABLE fills ADD CONSTRAINT fills_pkey PRIMARY KEY (session_id, record);

ALTER TABLE fold_results ADD CONSTRAINT fold_results_pkey PRIMARY KEY (training_hash, fold);

ALTER TABLE idempotency_keys ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (client, key);

ALTER TABLE ingest_jobs ADD CONSTRAINT ingest_jobs_pkey PRIMARY KEY (id);

ALTER TABLE ingest_jobs ADD CONSTRAINT ingest_jobs_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text])));

ALTER TABLE journal_batches ADD CONSTRAINT journal_batches_pkey PRIMARY KEY (session_id, first_record);

ALTER TABLE known_events ADD CONSTRAINT known_events_pkey PRIMARY KEY (id);

ALTER TABLE known_events ADD CONSTRAINT known_events_body_check CHECK ((char_length(body) <= 2000));

ALTER TABLE known_events ADD CONSTRAINT known_events_expected_check CHECK (((expected > '-Infinity'::double precision) AND (expected < 'Infinity'::double precision)));

ALTER TABLE known_events ADD CONSTRAINT known_events_kind_check CHECK ((kind = ANY (ARRAY['news'::text, 'sentiment'::text, 'fundamental'::text, 'calendar'::text])));

ALTER TABLE known_events ADD CONSTRAINT known_events_known_by_check CHECK ((known_by = ANY (ARRAY['source'::text, 'delay'::text, 'ingestion'::text])));

ALTER TABLE known_events ADD CONSTRAINT known_events_revision_check CHECK ((revision >= 0));

ALTER TABLE known_events ADD CONSTRAINT known_events_source_check CHECK ((source <> ''::text));

ALTER TABLE known_events ADD CONSTRAINT known_events_source_id_check CHECK ((source_id <> ''::text));

ALTER TABLE known_events ADD CONSTRAINT known_events_source_source_id_symbol_kind_field_revision_key UNIQUE (source, source_id, symbol, kind, field, revision);

ALTER TABLE known_events ADD CONSTRAINT known_events_value_check CHECK (((value > '-Infinity'::double precision) AND (value < 'Infinity'::double precision)));

ALTER TABLE leakage_reports ADD CONSTRAINT leakage_reports_pkey PRIMARY KEY (training_hash, hunt);

ALTER TABLE leakage_reports ADD CONSTRAINT leakage_reports_hunt_check CHECK ((hunt = ANY (ARRAY['features-and-labels'::text, 'whole'::text])));

ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_pkey PRIMARY KEY (session_id, record, kind);

ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_kind_check CHECK ((kind = ANY (ARRAY['trade'::text, 'fee'::text, 'dividend'::text, 'split'::text, 'borrow'::text, 'funding'::text, 'interest'::text, 'bust'::text, 'clearance'::text])));

ALTER TABLE live_predictions ADD CONSTRAINT live_predictions_pkey PRIMARY KEY (model_hash, symbol, decision_time);

ALTER TABLE live_predictions ADD CONSTRAINT live_predictions_probability_check CHECK (((probability >= (0)::double precision) AND (probability <= (1)::double precision)));

ALTER TABLE live_predictions ADD CONSTRAINT live_predictions_role_check CHECK ((role = ANY (ARRAY['champion'::text, 'challenger'::text])));

ALTER TABLE log_levels ADD CONSTRAINT log_levels_pkey PRIMARY KEY (module, process);

ALTER TABLE log_levels ADD CONSTRAINT log_levels_level_check CHECK ((level = ANY (ARRAY['silent'::text, 'fatal'::text, 'error'::text, 'warn'::text, 'info'::text, 'debug'::text, 'trace'::text])));

ALTER TABLE migrations ADD CONSTRAINT migrations_pkey PRIMARY KEY (id);

ALTER TABLE model_aliases ADD CONSTRAINT model_aliases_pkey PRIMARY KEY (name, alias);

ALTER TABLE model_versions ADD CONSTRAINT model_versions_pkey PRIMARY KEY (name, version);

ALTER TABLE model_versions ADD CONSTRAINT model_versions_name_model_hash_key UNIQUE (name, model_hash);

ALTER TABLE models ADD CONSTRAINT models_pkey PRIMARY KEY (hash);

ALTER TABLE monitoring_actions ADD CONSTRAINT monitoring_actions_pkey PRIMARY KEY (id);

ALTER TABLE monitoring_actions ADD CONSTRAINT monitoring_actions_kind_check CHECK ((kind = ANY (ARRAY['trained'::text, 'offered'::text])));

ALTER TABLE monitoring_actions ADD CONSTRAINT monitoring_actions_name_as_of_kind_key UNIQUE (name, as_of, kind);

ALTER TABLE monitoring_reports ADD CONSTRAINT monitoring_reports_pkey PRIMARY KEY (id);

ALTER TABLE monitoring_reports ADD CONSTRAINT monitoring_reports_model_hash_as_of_key UNIQUE (model_hash, as_of);

ALTER TABLE one_time_links ADD CONSTRAINT one_time_links_pkey PRIMARY KEY (hash);

ALTER TABLE order_amendments ADD CONSTRAINT order_amendments_pkey PRIMARY KEY (session_id, record);

ALTER TABLE order_latencies ADD CONSTRAINT order_latencies_pkey PRIMARY KEY (session_id, sequence);

ALTER TABLE order_questions ADD CONSTRAINT order_questions_pkey PRIMARY KEY (id);

ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY (session_id, sequence);

ALTER TABLE orders ADD CONSTRAINT orders_client_order_id_key UNIQUE (client_order_id);

ALTER TABLE orders ADD CONSTRAINT orders_side_check CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text])));

ALTER TABLE parent_order_ends ADD CONSTRAINT parent_order_ends_pkey PRIMARY KEY (session_id, parent);

ALTER TABLE parent_orders ADD CONSTRAINT parent_orders_pkey PRIMARY KEY (session_id, parent);

ALTER TABLE parent_orders ADD CONSTRAINT parent_orders_side_check CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text])));

ALTER TABLE plan_outcomes ADD CONSTRAINT plan_outcomes_pkey PRIMARY KEY (plan_id, kind, experiment_hash, data_hash);

ALTER TABLE plans ADD CONSTRAINT plans_pkey PRIMARY KEY (id);

ALTER TABLE predictions ADD CONSTRAINT predictions_pkey PRIMARY KEY (training_hash, fold, symbol, decision_time);

ALTER TABLE predictions ADD CONSTRAINT predictions_probability_check CHECK (((probability >= (0)::double precision) AND (probability <= (1)::double precision)));

ALTER TABLE processes ADD CONSTRAINT processes_pkey PRIMARY KEY (id);

ALTER TABLE processes ADD CONSTRAINT processes_role_check CHECK ((role = ANY (ARRAY['service'::text, 'worker'::text, 'session'::text])));

ALTER TABLE promotion_decisions ADD CONSTRAINT promotion_decisions_pkey PRIMARY KEY (id);

ALTER TABLE promotion_decisions ADD CONSTRAINT promotion_decisions_outcome_check CHECK ((outcome = ANY (ARRAY['first'::text, 'promoted'::text, 'refused'::text, 'overridden'::text, 'rolled-back'::text])));

ALTER TABLE push_subscriptions ADD CONSTRAINT push_subscriptions_pkey PRIMARY KEY (id);

ALTER TABLE push_subscriptions ADD CONSTRAINT push_subscriptions_endpoint_key UNIQUE (endpoint);

ALTER TABLE quality_findings ADD CONSTRAINT quality_findings_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'error'::text])));

ALTER TABLE quality_reports ADD CONSTRAINT quality_reports_pkey PRIMARY KEY (id);

ALTER TABLE quality_reports ADD CONSTRAINT quality_reports_series_id_fingerprint_key UNIQUE (series_id, fingerprint);

ALTER TABLE recovery_codes ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, hash);

ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (hash);

ALTER TABLE refusals ADD CONSTRAINT refusals_pkey PRIMARY KEY (session_id, record);

ALTER TABLE risk_profiles ADD CONSTRAINT risk_profiles_pkey PRIMARY KEY (user_id);

ALTER TABLE risk_profiles ADD CONSTRAINT risk_profiles_daily_orders_max_check CHECK ((daily_orders_max >= 0));

ALTER TABLE risk_profiles ADD CONSTRAINT risk_profiles_daily_value_max_check CHECK ((daily_value_max > (0)::numeric));

ALTER TABLE risk_profiles ADD CONSTRAINT risk_profiles_order_value_max_check CHECK ((order_value_max > (0)::numeric));

ALTER TABLE risk_profiles ADD CONSTRAINT risk_profiles_session_capital_max_check CHECK ((session_capital_max > (0)::numeric));

ALTER TABLE search_trials ADD CONSTRAINT search_trials_pkey PRIMARY KEY (search_hash, training_window, trial, rung);

ALTER TABLE searches ADD CONSTRAINT searches_pkey PRIMARY KEY (hash);

ALTER TABLE second_factor_roles ADD CONSTRAINT second_factor_roles_pkey PRIMARY KEY (role);

ALTER TABLE second_factor_roles ADD CONSTRAINT second_factor_roles_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'operator'::text, 'trader'::text, 'viewer'::text, 'strategy'::text])));

ALTER TABLE second_factors ADD CONSTRAINT second_factors_pkey PRIMARY KEY (user_id);

ALTER TABLE session_actions ADD CONSTRAINT session_actions_pkey PRIMARY KEY (session_id, close_time, symbol, kind, effective_at);

ALTER TABLE session_actions ADD CONSTRAINT session_actions_kind_check CHECK ((kind = ANY (ARRAY['split'::text, 'dividend'::text])));

ALTER TABLE session_alert_marks ADD CONSTRAINT session_alert_marks_pkey PRIMARY KEY (session_id);

ALTER TABLE session_alert_marks ADD CONSTRAINT session_alert_marks_records_check CHECK ((records >= 0));

ALTER TABLE session_bars ADD CONSTRAINT session_bars_pkey PRIMARY KEY (session_id, close_time, symbol);

ALTER TABLE session_bars ADD CONSTRAINT session_bars_quote_whole CHECK ((num_nulls(quote_ms, bid, ask, bid_size, ask_size) = ANY (ARRAY[0, 5])));

ALTER TABLE session_bars ADD CONSTRAINT session_bars_records_check CHECK ((records >= 0));

ALTER TABLE session_commands ADD CONSTRAINT session_commands_pkey PRIMARY KEY (id);

ALTER TABLE session_commands ADD CONSTRAINT session_commands_command_check CHECK ((command = ANY (ARRAY['halt'::text, 'reduce'::text, 'flatten'::text, 'resume'::text, 'limits'::text, 'emergency-stop'::text, 'emergency-flatten'::text, 'order'::text])));

ALTER TABLE session_parity ADD CONSTRAINT session_parity_pkey PRIMARY KEY (session_id, as_of);

ALTER TABLE session_sources ADD CONSTRAINT session_sources_pkey PRIMARY KEY (session_id);

ALTER TABLE session_states ADD CONSTRAINT session_states_pkey PRIMARY KEY (session_id);

ALTER TABLE session_stops ADD CONSTRAINT session_stops_pkey PRIMARY KEY (session_id);

ALTER TABLE session_supervisors ADD CONSTRAINT session_supervisors_pkey PRIMARY KEY (session_id);

ALTER TABLE session_supervisors ADD CONSTRAINT session_supervisors_outcome_check CHECK ((outcome = ANY (ARRAY['stopped'::text, 'ended'::text, 'refused'::text, 'gave-up'::text])));

ALTER TABLE session_writers ADD CONSTRAINT session_writers_pkey PRIMARY KEY (session_id);

ALTER TABLE sessions ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE sessions ADD CONSTRAINT sessions_kill_state_check CHECK ((kill_state = ANY (ARRAY['run'::text, 'halt'::text, 'reduce'::text, 'flatten'::text, 'stop'::text, 'stop-flatten'::text])));

ALTER TABLE sessions ADD CONSTRAINT sessions_kind_check CHECK ((kind = ANY (ARRAY['backtest'::text, 'paper'::text, 'live'::text])));

ALTER TABLE shadow_signals ADD CONSTRAINT shadow_signals_pkey PRIMARY KEY (session_id, shadow, "time", symbol);

ALTER TABLE shadow_signals ADD CONSTRAINT shadow_signals_action_check CHECK ((action = ANY (ARRAY['BUY'::text, 'SELL'::text, 'HOLD'::text])));

ALTER TABLE shadow_signals ADD CONSTRAINT shadow_signals_own_action_check CHECK ((own_action = ANY (ARRAY['BUY'::text, 'SELL'::text, 'HOLD'::text])));

ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_pkey PRIMARY KEY (id);

ALTER TABLE signal_outcomes ADD CONSTRAINT signal_outcomes_pkey PRIMARY KEY (session_id, record);

ALTER TABLE signal_outcomes ADD CONSTRAINT signal_outcomes_action_check CHECK ((action = ANY (ARRAY['BUY'::text, 'SELL'::text])));

ALTER TABLE signal_outcomes ADD CONSTRAINT signal_outcomes_label_check CHECK ((label = ANY (ARRAY[0, 1])));

ALTER TABLE signals ADD CONSTRAINT signals_pkey PRIMARY KEY (session_id, record);

ALTER TABLE signals ADD CONSTRAINT signals_action_check CHECK ((action = ANY (ARRAY['BUY'::text, 'SELL'::text])));

ALTER TABLE signing_keys ADD CONSTRAINT signing_keys_pkey PRIMARY KEY (id);

ALTER TABLE signing_keys ADD CONSTRAINT signing_keys_id_check CHECK ((id = 1));

ALTER TABLE stage_changes ADD CONSTRAINT stage_changes_pkey PRIMARY KEY (id);

ALTER TABLE stage_changes ADD CONSTRAINT stage_changes_from_stage_check CHECK ((from_stage = ANY (ARRAY['backtest'::text, 'paper'::text, 'live'::text])));

ALTER TABLE stage_changes ADD CONSTRAINT stage_changes_to_stage_check CHECK ((to_stage = ANY (ARRAY['backtest'::text, 'paper'::text, 'live'::text])));

ALTER TABLE strategies ADD CONSTRAINT strategies_pkey PRIMARY KEY (name);

ALTER TABLE strategies ADD CONSTRAINT strategies_desired_check CHECK ((desired = ANY (ARRAY['running'::text, 'paused'::text, 'stopped'::text])));

ALTER TABLE strategy_versions ADD CONSTRAINT strategy_versions_pkey PRIMARY KEY (strategy, version);

ALTER TABLE tracking_entries ADD CONSTRAINT tracking_entries_pkey PRIMARY KEY (id);

ALTER TABLE tracking_entries ADD CONSTRAINT tracking_entries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'refused'::text])));

ALTER TABLE tracking_entries ADD CONSTRAINT tracking_entries_stream_entry_key_key UNIQUE (stream, entry_key);

ALTER TABLE tracking_identifiers ADD CONSTRAINT tracking_identifiers_pkey PRIMARY KEY (kind, local_key);

ALTER TABLE tracking_identifiers ADD CONSTRAINT tracking_identifiers_kind_check CHECK ((kind = ANY (ARRAY['run'::text, 'logged-model'::text, 'model-version'::text])));

ALTER TABLE tracking_outbox ADD CONSTRAINT tracking_outbox_pkey PRIMARY KEY (only_row);

ALTER TABLE tracking_outbox ADD CONSTRAINT tracking_outbox_only_row_check CHECK (only_row);

ALTER TABLE trainings ADD CONSTRAINT trainings_pkey PRIMARY KEY (hash);

ALTER TABLE trials ADD CONSTRAINT trials_pkey PRIMARY KEY (data_hash, experiment_hash);

ALTER TABLE trials ADD CONSTRAINT trials_check CHECK ((cardinality(day_closes) = cardinality(daily_returns)));

ALTER TABLE trials ADD CONSTRAINT trials_check1 CHECK ((cardinality(day_closes) = cardinality(excess_returns)));

ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE users ADD CONSTRAINT users_provider_subject_key UNIQUE (provider_subject);

ALTER TABLE users ADD CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'operator'::text, 'trader'::text, 'viewer'::text, 'strategy'::text])));

ALTER TABLE vendor_ranges ADD CONSTRAINT vendor_ranges_pkey PRIMARY KEY (series_id, from_time);

ALTER TABLE vendor_ranges ADD CONSTRAINT vendor_ranges_check CHECK ((from_time < to_time));

ALTER TABLE venue_inputs ADD CONSTRAINT venue_inputs_pkey PRIMARY KEY (session_id, "position");

ALTER TABLE venue_requests ADD CONSTRAINT venue_requests_pkey PRIMARY KEY (id);

ALTER TABLE account_points ADD CONSTRAINT account_points_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE account_snapshots ADD CONSTRAINT account_snapshots_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE alert_choices ADD CONSTRAINT alert_choices_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE alert_deliveries ADD CONSTRAINT alert_deliveries_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES alerts(id) ON DELETE CASCADE;

ALTER TABLE alert_inboxes ADD CONSTRAINT alert_inboxes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE api_tokens ADD CONSTRAINT api_tokens_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE bar_arrivals ADD CONSTRAINT bar_arrivals_series_id_fkey FOREIGN KEY (series_id) REFERENCES bar_series(id) ON DELETE CASCADE;

ALTER TABLE bar_changes ADD CONSTRAINT bar_changes_series_id_fkey FOREIGN KEY (series_id) REFERENCES bar_series(id) ON DELETE CASCADE;

ALTER TABLE breaker_changes ADD CONSTRAINT breaker_changes_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE corporate_actions ADD CONSTRAINT corporate_actions_series_id_fkey FOREIGN KEY (series_id) REFERENCES bar_series(id) ON DELETE CASCADE;

ALTER TABLE feature_materializations ADD CONSTRAINT feature_materializations_set_hash_fkey FOREIGN KEY (set_hash) REFERENCES feature_sets(hash) ON DELETE CASCADE;

ALTER TABLE fills ADD CONSTRAINT fills_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE fold_results ADD CONSTRAINT fold_results_training_hash_fkey FOREIGN KEY (training_hash) REFERENCES trainings(hash) ON DELETE CASCADE;

ALTER TABLE journal_batches ADD CONSTRAINT journal_batches_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE live_predictions ADD CONSTRAINT live_predictions_model_hash_fkey FOREIGN KEY (model_hash) REFERENCES models(hash) ON DELETE CASCADE;

ALTER TABLE model_aliases ADD CONSTRAINT model_aliases_name_version_fkey FOREIGN KEY (name, version) REFERENCES model_versions(name, version) ON DELETE CASCADE;

ALTER TABLE model_versions ADD CONSTRAINT model_versions_model_hash_fkey FOREIGN KEY (model_hash) REFERENCES models(hash) ON DELETE CASCADE;

ALTER TABLE models ADD CONSTRAINT models_training_hash_fkey FOREIGN KEY (training_hash) REFERENCES trainings(hash) ON DELETE CASCADE;

ALTER TABLE monitoring_reports ADD CONSTRAINT monitoring_reports_model_hash_fkey FOREIGN KEY (model_hash) REFERENCES models(hash) ON DELETE CASCADE;

ALTER TABLE one_time_links ADD CONSTRAINT one_time_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE order_amendments ADD CONSTRAINT order_amendments_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE order_latencies ADD CONSTRAINT order_latencies_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE orders ADD CONSTRAINT orders_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE parent_order_ends ADD CONSTRAINT parent_order_ends_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE parent_orders ADD CONSTRAINT parent_orders_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE plan_outcomes ADD CONSTRAINT plan_outcomes_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plans(id);

ALTER TABLE push_subscriptions ADD CONSTRAINT push_subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE quality_findings ADD CONSTRAINT quality_findings_report_id_fkey FOREIGN KEY (report_id) REFERENCES quality_reports(id) ON DELETE CASCADE;

ALTER TABLE quality_reports ADD CONSTRAINT quality_reports_series_id_fkey FOREIGN KEY (series_id) REFERENCES bar_series(id) ON DELETE CASCADE;

ALTER TABLE recovery_codes ADD CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES second_factors(user_id) ON DELETE CASCADE;

ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_sign_in_id_fkey FOREIGN KEY (sign_in_id) REFERENCES sign_ins(id) ON DELETE CASCADE;

ALTER TABLE risk_profiles ADD CONSTRAINT risk_profiles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE search_trials ADD CONSTRAINT search_trials_search_hash_fkey FOREIGN KEY (search_hash) REFERENCES searches(hash) ON DELETE CASCADE;

ALTER TABLE second_factors ADD CONSTRAINT second_factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE session_actions ADD CONSTRAINT session_actions_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE session_alert_marks ADD CONSTRAINT session_alert_marks_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE session_bars ADD CONSTRAINT session_bars_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE session_commands ADD CONSTRAINT session_commands_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE session_parity ADD CONSTRAINT session_parity_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE session_sources ADD CONSTRAINT session_sources_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE session_states ADD CONSTRAINT session_states_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE session_writers ADD CONSTRAINT session_writers_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE shadow_signals ADD CONSTRAINT shadow_signals_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE signal_outcomes ADD CONSTRAINT signal_outcomes_session_id_record_fkey FOREIGN KEY (session_id, record) REFERENCES signals(session_id, record) ON DELETE CASCADE;

ALTER TABLE strategy_versions ADD CONSTRAINT strategy_versions_strategy_fkey FOREIGN KEY (strategy) REFERENCES strategies(name) ON DELETE CASCADE;

ALTER TABLE user_orders ADD CONSTRAINT user_orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE vendor_ranges ADD CONSTRAINT vendor_ranges_series_id_fkey FOREIGN KEY (series_id) REFERENCES bar_series(id) ON DELETE CASCADE;

ALTER TABLE venue_inputs ADD CONSTRAINT venue_inputs_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

ALTER TABLE venue_requests ADD CONSTRAINT venue_requests_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

CREATE INDEX alert_deliveries_alert ON signalbox.alert_deliveries USING btree (alert_id);

CREATE INDEX alert_deliveries_pending ON signalbox.alert_deliveries USING btree (channel, key, id) WHERE (delivered_at IS NULL);

CREATE INDEX alert_deliveries_recent ON signalbox.alert_deliveries USING btree (channel, delivered_at) WHERE (delivered_at IS NOT NULL);

CREATE UNIQUE INDEX alerts_open ON signalbox.alerts USING btree (key) WHERE (resolved_at IS NULL);

CREATE INDEX alerts_session ON signalbox.alerts USING btree (session_id, id);

CREATE INDEX api_tokens_owner ON signalbox.api_tokens USING btree (owner_id);

CREATE INDEX audit_entries_cuts ON signalbox.audit_entries USING btree ("position") WHERE (action = 'audit-cut'::text);

CREATE INDEX audit_entries_session ON signalbox.audit_entries USING btree (session_id, "position");

CREATE INDEX backtest_jobs_asked ON signalbox.backtest_jobs USING btree (asked_at);

CREATE INDEX bar_arrivals_of_series ON signalbox.bar_arrivals USING btree (series_id, recorded_at);

CREATE INDEX bar_changes_of_series ON signalbox.bar_changes USING btree (series_id, detected_at);

CREATE INDEX breaker_changes_of ON signalbox.breaker_changes USING btree (session_id, breaker, id);

CREATE UNIQUE INDEX corporate_actions_believed ON signalbox.corporate_actions USING btree (series_id, kind, ex_date) WHERE (superseded_at IS NULL);

CREATE UNIQUE INDEX fills_execution ON signalbox.fills USING btree (session_id, account, execution_id, takes_back) WHERE (execution_id IS NOT NULL);

CREATE INDEX idempotency_keys_age ON signalbox.idempotency_keys USING btree (asked_at);

CREATE INDEX ingest_jobs_asked ON signalbox.ingest_jobs USING btree (asked_at);

CREATE INDEX known_events_by_time ON signalbox.known_events USING btree (symbol, known_time);

CREATE UNIQUE INDEX ledger_entries_payment ON signalbox.ledger_entries USING btree (session_id, payment_id) WHERE (payment_id IS NOT NULL);

CREATE UNIQUE INDEX models_of_training ON signalbox.models USING btree (training_hash, COALESCE(fold, '-1'::integer));

CREATE INDEX order_questions_open ON signalbox.order_questions USING btree (session_id) WHERE (answer IS NULL);

CREATE INDEX orders_working ON signalbox.orders USING btree (session_id, sequence) WHERE (state <> ALL (ARRAY['CANCELED'::text, 'FILLED'::text, 'REJECTED'::text, 'DENIED'::text, 'EXPIRED'::text]));

CREATE INDEX plans_of_experiment ON signalbox.plans USING btree (experiment_name, id);

CREATE INDEX promotion_decisions_of_model ON signalbox.promotion_decisions USING btree (name, id);

CREATE INDEX push_subscriptions_user ON signalbox.push_subscriptions USING btree (user_id);

CREATE INDEX quality_findings_of_report ON signalbox.quality_findings USING btree (report_id, open_time);

CREATE INDEX refresh_tokens_sign_in ON signalbox.refresh_tokens USING btree (sign_in_id);

CREATE INDEX session_commands_pending ON signalbox.session_commands USING btree (session_id) WHERE (step IS NULL);

CREATE UNIQUE INDEX session_commands_request ON signalbox.session_commands USING btree (session_id, request) WHERE (request IS NOT NULL);

CREATE INDEX sign_in_failures_who ON signalbox.sign_in_failures USING btree (who, at);

CREATE INDEX sign_ins_user ON signalbox.sign_ins USING btree (user_id) WHERE (ended_at IS NULL);

CREATE INDEX stage_changes_of ON signalbox.stage_changes USING btree (experiment, experiment_hash, id);

CREATE INDEX tracking_entries_pending ON signalbox.tracking_entries USING btree (stream, id) WHERE (state = 'pending'::text);

CREATE INDEX tracking_entries_refused ON signalbox.tracking_entries USING btree (id) WHERE (state = 'refused'::text);

CREATE INDEX trials_of_universe ON signalbox.trials USING btree (symbols);

CREATE INDEX user_orders_day ON signalbox.user_orders USING btree (user_id, asked_at);

CREATE UNIQUE INDEX users_name ON signalbox.users USING btree (lower(name));

CREATE INDEX venue_requests_of_order ON signalbox.venue_requests USING btree (session_id, sequence);

CREATE INDEX venue_requests_sent ON signalbox.venue_requests USING btree (sent_at);

CREATE TRIGGER tell_inserted AFTER INSERT ON account_snapshots REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('account', 'session_id');

CREATE TRIGGER tell_updated AFTER UPDATE ON account_snapshots REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('account', 'session_id');

CREATE TRIGGER tell_inserted AFTER INSERT ON alerts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('alerts', 'session_id');

CREATE TRIGGER tell_updated AFTER UPDATE ON alerts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('alerts', 'session_id');

CREATE TRIGGER chain_entry BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION chain_audit_entry();

CREATE TRIGGER keep_entries BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_entry();

CREATE TRIGGER keep_entry BEFORE DELETE OR UPDATE ON audit_entries FOR EACH ROW EXECUTE FUNCTION keep_audit_entry();

CREATE TRIGGER tell_inserted AFTER INSERT ON fills REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('fills', 'session_id');

CREATE TRIGGER tell_deleted AFTER DELETE ON log_levels REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('log-levels', 'process');

CREATE TRIGGER tell_inserted AFTER INSERT ON log_levels REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('log-levels', 'process');

CREATE TRIGGER tell_updated AFTER UPDATE ON log_levels REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('log-levels', 'process');

CREATE TRIGGER tell_inserted AFTER INSERT ON orders REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('orders', 'session_id');

CREATE TRIGGER tell_updated AFTER UPDATE ON orders REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('orders', 'session_id');

CREATE TRIGGER plan_outcomes_stay BEFORE DELETE OR UPDATE ON plan_outcomes FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER plans_stay BEFORE DELETE OR UPDATE ON plans FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER tell_inserted AFTER INSERT ON refusals REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('refusals', 'session_id');

CREATE TRIGGER tell_inserted AFTER INSERT ON session_commands REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('sessions', 'session_id');

CREATE TRIGGER tell_updated AFTER UPDATE ON session_commands REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('sessions', 'session_id');

CREATE TRIGGER journal_rows_go_too AFTER DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION delete_journal_rows();

CREATE TRIGGER tell_inserted AFTER INSERT ON sessions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('sessions', 'id');

CREATE TRIGGER tell_updated AFTER UPDATE ON sessions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('sessions', 'id');

CREATE TRIGGER tell_inserted AFTER INSERT ON signals REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_change('signals', 'session_id');

CREATE TRIGGER predictions_go_too AFTER DELETE ON trainings FOR EACH ROW EXECUTE FUNCTION delete_predictions();

CREATE VIEW bars_view AS
 SELECT b.open_time AS "time",
    s.source,
    s.origin,
    s.symbol,
    s.timeframe,
    s.sector,
    b.close_time,
    b.open,
    b.high,
    b.low,
    b.close,
    b.volume,
    b.series_id
   FROM bars b
     JOIN bar_series s ON s.id = b.series_id;

CREATE VIEW board_account AS
 SELECT a.session_id,
    s.experiment,
    s.kind,
    a.books_at AS "time",
    (a.books ->> 'equity'::text)::double precision AS equity,
    (a.books ->> 'cash'::text)::double precision AS cash,
    (a.books ->> 'gross'::text)::double precision AS gross,
    (a.books ->> 'net'::text)::double precision AS net,
    (a.books ->> 'realised'::text)::double precision AS realised,
    (a.books ->> 'unrealised'::text)::double precision AS unrealised,
    (a.books ->> 'fees'::text)::double precision AS fees,
    ((a.books ->> 'equity'::text)::double precision) - ((a.books ->> 'dayStartEquity'::text)::double precision) AS day_pnl,
    ((a.books ->> 'gross'::text)::double precision) / NULLIF((a.books ->> 'equity'::text)::double precision, 0::double precision) AS leverage,
    ((a.books ->> 'gross'::text)::double precision) / NULLIF(((a.books ->> 'leverageMax'::text)::double precision) * ((a.books ->> 'equity'::text)::double precision), 0::double precision) AS margin_used
   FROM account_snapshots a
     JOIN sessions s ON s.id = a.session_id
  WHERE a.books IS NOT NULL;

CREATE VIEW board_alerts AS
 SELECT id,
    key,
    type,
    severity,
    session_id,
    words,
    raised_at AS "time",
    last_at,
    times,
    resolved_at,
    resolution,
    ( SELECT count(*) AS count
           FROM alert_deliveries d
          WHERE d.alert_id = a.id AND d.delivered_at IS NULL) AS waiting
   FROM alerts a;

CREATE VIEW board_bars AS
 SELECT b.session_id,
    s.symbols[b.symbol + 1] AS symbol,
    b.close_time AS "time",
    b.open,
    b.high,
    b.low,
    b.close,
    b.volume,
    b.late_bars,
    b.unfit
   FROM session_bars b
     JOIN sessions s ON s.id = b.session_id;

CREATE VIEW board_breakers AS
 SELECT session_id,
    breaker,
    state,
    at AS "time",
    reason
   FROM breaker_changes;

CREATE VIEW board_deliveries AS
 SELECT channel,
    try_at AS "time",
    delivered_at,
    attempts,
    EXTRACT(epoch FROM delivered_at - try_at)::double precision AS seconds
   FROM alert_deliveries;

CREATE VIEW board_equity AS
 SELECT p.session_id,
    s.experiment,
    s.kind,
    p.minute AS "time",
    p.equity,
    p.cash,
    p.gross,
    p.net,
    p.realised,
    p.unrealised,
    p.fees,
    1::double precision - p.equity / NULLIF(GREATEST(s.capital::double precision, max(p.equity) OVER (PARTITION BY p.session_id ORDER BY p.minute)), 0::double precision) AS drawdown,
    p.gross / NULLIF(p.equity, 0::double precision) AS leverage
   FROM account_points p
     JOIN sessions s ON s.id = p.session_id;

CREATE VIEW board_fills AS
 SELECT f.session_id,
    f."time",
    f.symbol,
        CASE
            WHEN f.quantity > 0::numeric THEN 'buy'::text
            ELSE 'sell'::text
        END AS side,
    abs(f.quantity)::double precision AS quantity,
    f.price::double precision AS price,
    abs(f.quantity * f.price)::double precision AS notional,
    f.fee::double precision AS fee,
    f.slippage::double precision AS slippage,
    f.sequence,
    COALESCE(o.order_type, 'unknown'::text) AS order_type,
    f.strategy
   FROM fills f
     LEFT JOIN orders o ON o.session_id = f.session_id AND o.sequence = f.sequence
  WHERE NOT f.takes_back;

CREATE VIEW board_latencies AS
 SELECT l.session_id,
    l.sequence,
    o."time",
    stage.name AS stage,
    stage.took / 1000::double precision AS seconds
   FROM order_latencies l
     JOIN orders o ON o.session_id = l.session_id AND o.sequence = l.sequence
     CROSS JOIN LATERAL ( VALUES ('arrived'::text,l.arrived_ms - l.closed_ms), ('decided'::text,l.decided_ms - l.arrived_ms), ('committed'::text,l.committed_ms - l.decided_ms), ('sent'::text,l.sent_ms - l.committed_ms), ('acknowledged'::text,l.acknowledged_ms - l.sent_ms), ('filled'::text,l.filled_ms - COALESCE(l.acknowledged_ms, l.sent_ms, l.committed_ms))) stage(name, took)
  WHERE stage.took IS NOT NULL;

CREATE VIEW board_models AS
 SELECT v.name,
    v.version,
    v.created_at AS "time",
    v.expires_at,
    m.train_from,
    m.train_to,
    "left"(v.model_hash, 12) AS model,
    ( SELECT string_agg(a.alias, ', '::text ORDER BY a.alias) AS string_agg
           FROM model_aliases a
          WHERE a.name = v.name AND a.version = v.version) AS aliases
   FROM model_versions v
     LEFT JOIN models m ON m.hash = v.model_hash;

CREATE VIEW board_monitoring AS
 SELECT name,
    as_of AS "time",
    "left"(model_hash, 12) AS model,
    (report ->> 'predictions'::text)::integer AS predictions,
    (report ->> 'labelled'::text)::integer AS labelled,
    (report ->> 'novelShare'::text)::double precision AS novel_share,
    (report ->> 'novelExpected'::text)::double precision AS novel_expected,
    (report #>> '{scores,live,logLoss}'::text[])::double precision AS log_loss,
    (report #>> '{scores,expected,logLoss}'::text[])::double precision AS log_loss_expected,
    cardinality(alarms) AS alarms,
    array_to_string(alarms, ', '::text) AS alarm_names
   FROM monitoring_reports r;

CREATE VIEW board_orders AS
 SELECT o.session_id,
    o."time",
    o.sequence,
    o.client_order_id,
    o.symbol,
    o.side,
    o.quantity::double precision AS quantity,
    o.order_type,
    o.role,
    o.state,
    o.decision_price::double precision AS decision_price,
    o.limit_price::double precision AS limit_price,
    o.trigger_price::double precision AS trigger_price,
    o.time_in_force,
    o.clipped_by,
    o.reduces,
    o.strategy,
    filled.quantity AS filled,
    filled.price AS fill_price,
    filled.fee
   FROM orders o
     LEFT JOIN LATERAL ( SELECT sum(abs(f.quantity))::double precision AS quantity,
            (sum(abs(f.quantity) * f.price) / NULLIF(sum(abs(f.quantity)), 0::numeric))::double precision AS price,
            sum(f.fee)::double precision AS fee
           FROM fills f
          WHERE f.session_id = o.session_id AND f.sequence = o.sequence AND NOT f.takes_back) filled ON true;

CREATE VIEW board_outbox AS
 SELECT state,
    count(*) AS entries,
    min(enqueued_at) AS oldest
   FROM tracking_entries
  GROUP BY state;

CREATE VIEW board_outcomes AS
 SELECT session_id,
    symbol,
    action,
    strength,
    model,
    strategy,
    probability,
    refused,
    decided_at AS "time",
    known_at,
    label,
    realised_return,
        CASE
            WHEN action = 'BUY'::text THEN realised_return > 0::double precision
            ELSE realised_return < 0::double precision
        END AS hit
   FROM signal_outcomes;

CREATE VIEW board_positions AS
 SELECT a.session_id,
    a.books_at AS "time",
    p.value ->> 'symbol'::text AS symbol,
    p.value ->> 'sector'::text AS sector,
    (p.value ->> 'quantity'::text)::double precision AS quantity,
    (p.value ->> 'averagePrice'::text)::double precision AS average_price,
    (p.value ->> 'price'::text)::double precision AS price,
    (p.value ->> 'value'::text)::double precision AS value,
    (p.value ->> 'unrealised'::text)::double precision AS unrealised,
    (p.value ->> 'realised'::text)::double precision AS realised,
    ((p.value ->> 'value'::text)::double precision) / NULLIF((a.books ->> 'equity'::text)::double precision, 0::double precision) AS share
   FROM account_snapshots a,
    LATERAL jsonb_array_elements(a.books -> 'positions'::text) p(value);

CREATE VIEW board_predictions AS
 SELECT "left"(model_hash, 12) AS model,
    symbol,
    decision_time AS "time",
    role,
    probability,
    score,
    novelty,
    disagreement,
    label,
    realised_return,
    power(probability - label::double precision, 2::double precision) AS squared_error
   FROM live_predictions;

CREATE VIEW board_promotions AS
 SELECT name,
    version,
    champion_version,
    outcome,
    reason,
    decided_at AS "time"
   FROM promotion_decisions;

CREATE VIEW board_refusals AS
 SELECT session_id,
    "time",
    symbol,
    stage,
    code,
    reason
   FROM refusals;

CREATE VIEW board_searches AS
 SELECT s.experiment_name AS experiment,
    "left"(s.hash, 12) AS search,
    s.created_at AS "time",
    s.cancelled,
    count(t.*) AS trials,
    max(t.objective) AS best
   FROM searches s
     LEFT JOIN search_trials t ON t.search_hash = s.hash
  GROUP BY s.hash, s.experiment_name, s.created_at, s.cancelled;

CREATE VIEW board_series AS
 SELECT b.source,
    b.symbol,
    b.timeframe,
    b.bar_count AS bars,
    b.first_open_time,
    b.last_open_time,
    b.updated_at AS "time",
    q.errors,
    q.warnings
   FROM bar_series b
     LEFT JOIN LATERAL ( SELECT quality_reports.errors,
            quality_reports.warnings
           FROM quality_reports
          WHERE quality_reports.series_id = b.id
          ORDER BY quality_reports.id DESC
         LIMIT 1) q ON true;

CREATE VIEW board_sessions AS
 SELECT id AS session_id,
    experiment,
    kind,
    started_at,
    ended_at,
    last_close,
    kill_state,
    capital::double precision AS capital,
    equity,
    equity / NULLIF(capital::double precision, 0::double precision) - 1::double precision AS total_return,
    cardinality(symbols) AS symbols,
    step,
    ( SELECT count(*) AS count
           FROM jsonb_object_keys(COALESCE(s.positions, '{}'::jsonb)) jsonb_object_keys(jsonb_object_keys)) AS positions
   FROM sessions s;

CREATE VIEW board_signals AS
 SELECT session_id,
    "time",
    symbol,
    action,
    probability,
    confidence,
    strength,
    reason,
    model,
    novelty,
    disagreement,
    strategy,
    refused
   FROM signals;

CREATE VIEW board_tables AS
 SELECT relname::text AS name,
    pg_total_relation_size(oid::regclass)::double precision AS bytes,
    GREATEST(reltuples, 0::real)::double precision AS about_rows
   FROM pg_class c
  WHERE relnamespace = 'signalbox'::regnamespace::oid AND relkind = 'r'::"char";

CREATE VIEW board_trainings AS
 SELECT experiment_name AS experiment,
    "left"(hash, 12) AS training,
    backend,
    created_at AS "time",
    assembled_at,
    cancelled,
    EXTRACT(epoch FROM assembled_at - created_at)::double precision AS seconds,
    ( SELECT count(*) AS count
           FROM fold_results f
          WHERE f.training_hash = t.hash) AS folds
   FROM trainings t;

CREATE VIEW board_trials AS
 SELECT experiment_name AS experiment,
    "left"(experiment_hash, 12) AS variant,
    first_seen_at AS "time",
    sharpe,
    excess_sharpe,
    cardinality(daily_returns) AS days,
    day_closes[1] AS from_time,
    day_closes[cardinality(day_closes)] AS to_time,
    ( SELECT avg(one.one) AS avg
           FROM unnest(trials.daily_returns) one(one)) AS mean_daily_return
   FROM trials;

CREATE VIEW board_venue_requests AS
 SELECT session_id,
    sent_at AS "time",
    method,
    status,
    took_ms / 1000::double precision AS seconds
   FROM venue_requests;
