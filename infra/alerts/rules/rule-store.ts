import type pg from 'pg';
import type { AlertRule } from './alert-metric.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A rule as it is stored, and who made it. */
export interface StoredRule extends AlertRule {
  readonly madeAt: Date;
  readonly madeBy: string;
}

/** The rules that are stored, by name. */
export async function listStoredRules(client: Queryable): Promise<StoredRule[]> {
  const { rows } = await client.query<StoredRule>(
    `SELECT name, metric, above, threshold, for_seconds AS "forSeconds", window_seconds AS "windowSeconds", severity,
            session_id AS session, channels, enabled, made_at AS "madeAt", made_by AS "madeBy"
     FROM signalbox.alert_rules ORDER BY name`,
  );
  return rows;
}

/** Stores a rule, in the place of one of its name. */
export async function putRule(
  client: Queryable,
  rule: AlertRule,
  { atMs, by }: { readonly atMs: number; readonly by: string },
): Promise<void> {
  const { name, metric, above, threshold, forSeconds, windowSeconds, severity, session, channels, enabled } = rule;
  await client.query(
    `INSERT INTO signalbox.alert_rules
       (name, metric, above, threshold, for_seconds, severity, session_id, channels, enabled, made_at, made_by,
        window_seconds)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (name) DO UPDATE SET metric = excluded.metric, above = excluded.above, threshold = excluded.threshold,
       for_seconds = excluded.for_seconds, severity = excluded.severity, session_id = excluded.session_id,
       channels = excluded.channels, enabled = excluded.enabled, made_at = excluded.made_at, made_by = excluded.made_by,
       window_seconds = excluded.window_seconds`,
    [
      name,
      metric,
      above,
      threshold,
      forSeconds,
      severity,
      session,
      channels,
      enabled,
      new Date(atMs),
      by,
      windowSeconds,
    ],
  );
}

/** Removes a stored rule. Returns whether there was one. */
export async function removeRule(client: Queryable, name: string): Promise<boolean> {
  return (await client.query('DELETE FROM signalbox.alert_rules WHERE name = $1', [name])).rowCount === 1;
}

/** What a rule has found of something. */
export interface RuleState {
  readonly rule: string;
  readonly subject: string;
  readonly since: Date;
  readonly raised: boolean;
}

/** What rules have found by the measurements of `source`. */
export async function readRuleStates(client: Queryable, source: string): Promise<RuleState[]> {
  const sql = 'SELECT rule, subject, since, raised FROM signalbox.alert_rule_states WHERE source = $1';
  return (await client.query<RuleState>(sql, [source])).rows;
}

/** Stores what a rule finds: since when it holds, and whether it is an alert. */
export async function putRuleState(client: Queryable, source: string, state: RuleState): Promise<void> {
  const { rule, subject, since, raised } = state;
  await client.query(
    `INSERT INTO signalbox.alert_rule_states (rule, subject, source, since, raised) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (rule, subject) DO UPDATE SET source = excluded.source, since = excluded.since, raised = excluded.raised`,
    [rule, subject, source, since, raised],
  );
}

/** Forgets what a rule found, which is over. */
export async function removeRuleState(
  client: Queryable,
  { rule, subject }: Pick<RuleState, 'rule' | 'subject'>,
): Promise<void> {
  await client.query('DELETE FROM signalbox.alert_rule_states WHERE rule = $1 AND subject = $2', [rule, subject]);
}
