import type pg from 'pg';
import { hashOf } from '../../infra/hash.ts';
import type { Transactional } from '../../infra/postgres/joined-transaction.ts';
import { findSeries, type StoredSeries } from '../bars/bar-series-store.ts';
import { streamBarsWithin } from '../bars/bar-store.ts';
import { readActions } from '../adjustments/action-store.ts';
import { actionsHash, inOrder } from '../adjustments/corporate-action.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { FindingList, inOrder as findingsInOrder } from './finding-list.ts';
import type { Finding, QualityContext, Severity } from './quality-check.ts';
import { QualityInspector, type QualityFindings } from './quality-inspector.ts';

/** What the checks say of one series as it is stored now. */
export interface SeriesQuality {
  readonly seriesId: number;
  readonly symbol: string;
  readonly bars: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  readonly findings: readonly Finding[];
}

interface ReportRow {
  id: number;
  bars: number;
  errors: number;
  warnings: number;
  infos: number;
}

/** What checks need to know of a series. */
export async function qualityContext(database: Transactional, series: StoredSeries): Promise<QualityContext> {
  const { calendar, timeframe, instrument } = series;
  const [actions] = await readActions(database.pool, [series.id]);
  return {
    calendar: calendarNamed(calendar),
    timeframe,
    assetClass: instrument.assetClass,
    actions: inOrder(actions!),
  };
}

/** Raised with every change of what the checks find, so that bars stored before are checked again. */
const CHECKS_VERSION = 3;
/** Findings written by one statement. */
const PIECE = 5000;

/** What a report is about: the bars, the actions on record by which their jumps are judged, and the checks. */
async function reportKey(database: Transactional, series: StoredSeries): Promise<string> {
  const [actions] = await readActions(database.pool, [series.id]);
  return hashOf([series.fingerprint, actionsHash(inOrder(actions!)), CHECKS_VERSION]);
}

async function insertFindings(client: pg.ClientBase, reportId: number, findings: readonly Finding[]): Promise<void> {
  await client.query(
    `INSERT INTO quality_findings (report_id, check_name, severity, open_time, bars, message)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::int[], $6::text[])`,
    [
      reportId,
      findings.map(({ check }) => check),
      findings.map(({ severity }) => severity),
      findings.map(({ openTimeMs }) => new Date(openTimeMs)),
      findings.map(({ bars }) => bars),
      findings.map(({ message }) => message),
    ],
  );
}

/** Bars that a source gave and that were left out: nothing stored tells of them. */
const KEPT_OUT = 'kept-out';

/** A finding about a bar that was left out on its way in. */
export function keptOutFinding(openTimeMs: number, message: string): Finding {
  return { check: KEPT_OUT, severity: 'warning', openTimeMs, bars: 1, message };
}

/** What was found, with the bars left out now and those that earlier reports of the series tell of, each once. */
async function withKeptOut(
  database: Transactional,
  series: StoredSeries,
  { found, keptOut }: { found: QualityFindings; keptOut: readonly Finding[] },
): Promise<QualityFindings> {
  const { rows } = await database.pool.query<{ open_time: Date; message: string }>(
    `SELECT DISTINCT open_time, message FROM quality_findings
     JOIN quality_reports ON quality_reports.id = report_id WHERE series_id = $1 AND check_name = $2`,
    [series.id, KEPT_OUT],
  );
  const earlier = rows.map(({ open_time: at, message }) => keptOutFinding(at.getTime(), message));
  const list = new FindingList();
  const seen = new Map([...earlier, ...keptOut].map((finding) => [finding.openTimeMs, finding]));
  for (const finding of seen.values()) list.add(finding);
  const { counts } = found;
  return {
    ...found,
    counts: { ...counts, warning: counts.warning + list.counts.warning },
    findings: findingsInOrder([...found.findings, ...list.finish()]),
  };
}

/**
 * Stores what was found in the state of the series and of its actions; once.
 *
 * @param keptOut bars that were left out on their way in
 */
export async function saveQuality(
  database: Transactional,
  series: StoredSeries,
  inspected: QualityFindings,
  keptOut: readonly Finding[] = [],
): Promise<void> {
  const found = await withKeptOut(database, series, { found: inspected, keptOut });
  const { error, warning, info } = found.counts;
  const key = await reportKey(database, series);
  await database.transaction(async (client) => {
    const { rows } = await client.query<{ id: number }>(
      `INSERT INTO quality_reports (series_id, fingerprint, bars, errors, warnings, infos) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (series_id, fingerprint) DO NOTHING RETURNING id`,
      [series.id, key, found.bars, error, warning, info],
    );
    for (let at = 0; rows.length > 0 && at < found.findings.length; at += PIECE) {
      await insertFindings(client, rows[0]!.id, found.findings.slice(at, at + PIECE));
    }
  });
}

async function findReport(database: Transactional, series: StoredSeries): Promise<ReportRow | undefined> {
  const { rows } = await database.pool.query<ReportRow>(
    'SELECT id, bars, errors, warnings, infos FROM quality_reports WHERE series_id = $1 AND fingerprint = $2',
    [series.id, await reportKey(database, series)],
  );
  return rows[0];
}

/** What the last check of each series counted, and when; its bars may have changed since. */
export async function lastReports(
  client: Pick<pg.ClientBase, 'query'>,
): Promise<Map<number, Omit<ReportRow, 'id'> & { readonly checkedAt: Date }>> {
  const { rows } = await client.query<Omit<ReportRow, 'id'> & { series_id: number; checkedAt: Date }>(
    `SELECT DISTINCT ON (series_id) series_id, bars, errors, warnings, infos, created_at AS "checkedAt"
     FROM quality_reports ORDER BY series_id, id DESC`,
  );
  return new Map(rows.map(({ series_id, ...counts }) => [series_id, counts]));
}

async function findFindings(database: Transactional, reportId: number): Promise<Finding[]> {
  const { rows } = await database.pool.query<{
    check_name: string;
    severity: Severity;
    open_time: Date;
    bars: number;
    message: string;
  }>('SELECT check_name, severity, open_time, bars, message FROM quality_findings WHERE report_id = $1', [reportId]);
  return findingsInOrder(
    rows.map(({ check_name: check, severity, open_time, bars, message }) => {
      return { check, severity, openTimeMs: open_time.getTime(), bars, message };
    }),
  );
}

/** Puts the stored bars of a series through the checks, in pieces. */
async function inspectStored(database: Transactional, series: StoredSeries): Promise<QualityFindings> {
  const inspector = new QualityInspector(await qualityContext(database, series));
  for await (const bars of streamBarsWithin(database, series)) inspector.inspect(bars);
  return inspector.finish();
}

/** The quality of one series as it is stored now: read where this state was checked before, else checked and stored. */
export async function seriesQuality(
  database: Transactional,
  series: StoredSeries,
  keptOut: readonly Finding[] = [],
): Promise<SeriesQuality> {
  let report = await findReport(database, series);
  if (report === undefined) {
    await saveQuality(database, series, await inspectStored(database, series), keptOut);
    report = (await findReport(database, series))!;
  }
  const { bars, errors, warnings, infos } = report;
  const findings = errors + warnings + infos === 0 ? [] : await findFindings(database, report.id);
  return { seriesId: series.id, symbol: series.symbol, bars, errors, warnings, infos, findings };
}

/** The quality of several series, in the order of `seriesIds`. */
export async function qualityReport(database: Transactional, seriesIds: readonly number[]): Promise<SeriesQuality[]> {
  const series = await findSeries(database.pool, seriesIds);
  const reports: SeriesQuality[] = [];
  for (const one of series) reports.push(await seriesQuality(database, one));
  return reports;
}
