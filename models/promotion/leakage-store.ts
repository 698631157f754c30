import type pg from 'pg';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** What a hunt for look-ahead compared and found. */
export interface LeakageReport {
  /** `features-and-labels` in every run; `whole` also looks at predictions and decisions. */
  readonly hunt: 'features-and-labels' | 'whole';
  /** Values compared, by stage. */
  readonly compared: Readonly<Record<string, number>>;
  /** In words. */
  readonly findings: readonly string[];
}

/** Stores what a hunt found; a later one of the same extent replaces it. */
export async function writeLeakageReport(
  client: Queryable,
  trainingHash: string,
  { hunt, compared, findings }: LeakageReport,
): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.leakage_reports (training_hash, hunt, compared, findings) VALUES ($1, $2, $3, $4)
     ON CONFLICT (training_hash, hunt) DO UPDATE
       SET compared = excluded.compared, findings = excluded.findings, hunted_at = now()`,
    [trainingHash, hunt, JSON.stringify(compared), JSON.stringify(findings)],
  );
}

/** Everything that hunts found in what a training rests on. */
export async function readLeakageReports(client: Queryable, trainingHash: string): Promise<LeakageReport[]> {
  const { rows } = await client.query<LeakageReport>(
    `SELECT hunt, compared, findings FROM signalbox.leakage_reports
     WHERE training_hash = $1 ORDER BY hunt`,
    [trainingHash],
  );
  return rows;
}
