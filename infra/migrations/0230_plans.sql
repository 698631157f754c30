-- Up Migration

-- What somebody meant to look for before the data were looked at, and what was done since. Nothing of it changes: a plan that was
-- thought over is another plan.
CREATE TABLE signalbox.plans (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  experiment_name text NOT NULL,
  registered_at timestamptz NOT NULL DEFAULT now(),
  experiment_hash text NOT NULL,
  data_hash text NOT NULL,
  -- The plan as its file says it, and the experiment as it was resolved.
  plan jsonb NOT NULL,
  experiment jsonb NOT NULL,
  -- Trials of the name that had shown their results by then.
  trials_seen integer NOT NULL
);
CREATE INDEX plans_of_experiment ON signalbox.plans (experiment_name, id);

CREATE TABLE signalbox.plan_outcomes (
  plan_id bigint NOT NULL REFERENCES signalbox.plans (id),
  kind text NOT NULL,
  experiment_hash text NOT NULL,
  data_hash text NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  -- The plan's section of the result.
  compared jsonb NOT NULL,
  PRIMARY KEY (plan_id, kind, experiment_hash, data_hash)
);

CREATE FUNCTION signalbox.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of signalbox.% is refused: rows are only added', TG_OP, TG_TABLE_NAME;
END $$;
CREATE TRIGGER plans_stay BEFORE UPDATE OR DELETE ON signalbox.plans
  FOR EACH ROW EXECUTE FUNCTION signalbox.refuse_change();
CREATE TRIGGER plan_outcomes_stay BEFORE UPDATE OR DELETE ON signalbox.plan_outcomes
  FOR EACH ROW EXECUTE FUNCTION signalbox.refuse_change();

-- Down Migration

DROP TABLE signalbox.plan_outcomes;
DROP TABLE signalbox.plans;
DROP FUNCTION signalbox.refuse_change();
