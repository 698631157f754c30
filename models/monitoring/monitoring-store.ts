import type pg from 'pg';
import type { MonitoringReport } from './monitoring-report.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Stores a look at a model; another one at the same state of its data replaces it. */
export async function writeReport(client: Queryable, report: MonitoringReport, reportedAtMs: number): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.monitoring_reports (name, model_hash, as_of, report, alarms, reported_at)
     VALUES ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000))
     ON CONFLICT (model_hash, as_of) DO UPDATE SET report = excluded.report, alarms = excluded.alarms`,
    [report.name, report.modelHash, report.asOf, JSON.stringify(report), report.alarms, reportedAtMs],
  );
}

/** A look that was stored, and when. */
export interface StoredReport {
  readonly reportedAt: Date;
  readonly report: MonitoringReport;
}

/** The last looks at a model, the newest state of its data first. */
export async function readReports(client: Queryable, modelHash: string, limit: number): Promise<StoredReport[]> {
  const { rows } = await client.query<StoredReport>(
    `SELECT reported_at AS "reportedAt", report FROM signalbox.monitoring_reports
     WHERE model_hash = $1 ORDER BY as_of DESC LIMIT $2`,
    [modelHash, limit],
  );
  return rows;
}

/** What followed from a look: a challenger was trained, or offered to the gate. */
export interface MonitoringAction {
  readonly name: string;
  /** The newest bar then. */
  readonly asOf: string;
  readonly kind: 'trained' | 'offered';
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Stores an action once per state of the data. */
export async function writeAction(client: Queryable, action: MonitoringAction, actedAtMs: number): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.monitoring_actions (name, as_of, kind, detail, acted_at)
     VALUES ($1, $2, $3, $4, to_timestamp($5::float8 / 1000)) ON CONFLICT (name, as_of, kind) DO NOTHING`,
    [action.name, action.asOf, action.kind, JSON.stringify(action.detail), actedAtMs],
  );
}

/** The actions about a name, oldest first. */
export async function readActions(client: Queryable, name: string): Promise<MonitoringAction[]> {
  const { rows } = await client.query<{ as_of: Date; kind: MonitoringAction['kind']; detail: Record<string, unknown> }>(
    'SELECT as_of, kind, detail FROM signalbox.monitoring_actions WHERE name = $1 ORDER BY id',
    [name],
  );
  return rows.map(({ as_of, kind, detail }) => ({ name, asOf: as_of.toISOString(), kind, detail }));
}
