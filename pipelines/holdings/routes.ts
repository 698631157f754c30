import { z } from 'zod';
import { pageQuery } from '../../infra/http/page.ts';
import { HttpProblem } from '../../infra/http/problem.ts';
import { route, type Route } from '../../infra/http/route.ts';
import type { CommandContext } from '../../infra/command.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { recordedActions } from '../adjustments/action-store.ts';
import { describeSeries } from '../bars/routes.ts';
import { findSeries, listSeries, type StoredSeries } from '../bars/bar-series-store.ts';
import { listFeatures } from '../commands/feature-list.ts';
import { featureViewName } from '../materialized/feature-view.ts';
import { listFeatureSets } from '../materialized/feature-store.ts';
import { seriesQuality, type SeriesQuality } from '../quality/quality-store.ts';
import { listCorrections } from '../revisions/revision-store.ts';
import { monthlyCoverage, storeCoverage } from './coverage.ts';
import {
  actionsSchema,
  correctionsSchema,
  coverageSchema,
  featureSetsSchema,
  featuresSchema,
  findingsSchema,
  monthsSchema,
} from './schemas.ts';

const CORRECTIONS_MAX = 1_000;
const reads = { method: 'GET', permission: 'market:read', tag: 'data' } as const;
const params = z.strictObject({ series: z.coerce.number().int().min(1).max(2_147_483_647) });

/** What the store holds, what is missing and wrong with it, and what was made of it. */
export function dataRoutes(): Route[] {
  return [...seriesRoutes(), ...storeRoutes()];
}

/** About one series, by its id. */
function seriesRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/data/series/:series/months',
      summary: 'Bars of a series by the month, beside those that its calendar expects',
      params,
      answers: { 200: monthsSchema },
      handle: async ({ params: { series }, context }) => {
        const { database, found } = await one(context, series);
        return { months: await monthlyCoverage(database, found) };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/data/series/:series/findings',
      summary:
        'What the checks find in a series as it is stored now, gaps among it: as `check` has it, the oldest first',
      params,
      query: z.strictObject({
        ...pageQuery,
        severity: z.enum(['info', 'warning', 'error']).optional(),
        check: z.string().min(1).max(100).optional(),
      }),
      answers: { 200: findingsSchema },
      handle: async ({ params: { series }, query, context }) => {
        const { database, found } = await one(context, series);
        return pageOf(await seriesQuality(database, found), query);
      },
    }),
    route({
      ...reads,
      path: '/api/v1/data/series/:series/actions',
      summary: 'Splits and dividends on record of a series',
      params,
      answers: { 200: actionsSchema },
      handle: async ({ params: { series }, context }) => {
        const { database, found } = await one(context, series);
        return { actions: await recordedActions(database.pool, found.id) };
      },
    }),
  ];
}

/** About all of it. */
function storeRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/data/coverage',
      summary: 'Every series with the bars that it has and should have, and what its last check counted',
      answers: { 200: coverageSchema },
      handle: async ({ context }) => ({
        series: (await storeCoverage(await context.database())).map(({ series, ...rest }) => ({
          ...describeSeries(series),
          revision: series.revision,
          ...rest,
        })),
      }),
    }),
    route({
      ...reads,
      path: '/api/v1/data/corrections',
      summary: 'What sources have said of stored bars later on, taken over or refused, the newest first',
      answers: { 200: correctionsSchema },
      handle: async ({ context }) => ({ corrections: await corrections(await context.database()) }),
    }),
    route({
      ...reads,
      path: '/api/v1/data/features',
      summary: 'Feature sets whose rows are in the store',
      answers: { 200: featureSetsSchema },
      handle: async ({ context }) => {
        const sets = await listFeatureSets((await context.database()).pool);
        return { sets: sets.map((set) => ({ ...set, view: featureViewName(set) })) };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/features',
      summary: 'Every feature that may be written in an experiment: as `features --list` has it',
      answers: { 200: featuresSchema },
      handle: () => Promise.resolve({ features: listFeatures(true).value }),
    }),
  ];
}

async function one(context: CommandContext, id: number): Promise<{ database: Database; found: StoredSeries }> {
  const database = await context.database();
  const [found] = await findSeries(database.pool, [id]);
  if (found !== undefined) return { database, found };
  throw new HttpProblem(404, 'not-found', `There is no series ${id}.`, {
    remedy: 'GET /api/v1/data/coverage lists what there is.',
  });
}

interface Asked {
  readonly severity?: string | undefined;
  readonly check?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Findings by their place in order: the cursor is that of the next. */
function pageOf(quality: SeriesQuality, { severity, check, limit, cursor }: Asked): z.infer<typeof findingsSchema> {
  const { symbol, bars, errors, warnings, infos } = quality;
  const counted = new Map<string, number>();
  for (const finding of quality.findings) counted.set(finding.check, (counted.get(finding.check) ?? 0) + 1);
  const wanted = quality.findings.filter(
    (finding) =>
      (severity === undefined || finding.severity === severity) && (check === undefined || finding.check === check),
  );
  const from = Number(cursor ?? 0);
  const page = wanted.slice(from, from + limit);
  const findings = page.map(({ openTimeMs, check: name, severity: how, bars: of, message }) => {
    const time = Number.isNaN(openTimeMs) ? null : new Date(openTimeMs).toISOString();
    return { time, check: name, severity: how, bars: of, message };
  });
  const checks = [...counted].map(([name, found]) => ({ check: name, findings: found }));
  const next = from + page.length < wanted.length ? String(from + page.length) : null;
  return { symbol, bars, errors, warnings, infos, checks, findings, next };
}

async function corrections({ pool }: Database): Promise<z.infer<typeof correctionsSchema>['corrections']> {
  const series = new Map((await listSeries(pool)).map((known) => [known.id, known]));
  const found = (await listCorrections(pool)).slice(0, CORRECTIONS_MAX);
  return found.flatMap(({ seriesId, atMs, accepted, bars, firstOpenMs, lastOpenMs }) => {
    const of = series.get(seriesId);
    if (of === undefined) return [];
    const { symbol, timeframe } = of;
    const [at, from, to] = [atMs, firstOpenMs, lastOpenMs].map((timeMs) => new Date(timeMs).toISOString());
    return [{ seriesId, symbol, timeframe, at: at!, accepted, bars, from: from!, to: to! }];
  });
}
