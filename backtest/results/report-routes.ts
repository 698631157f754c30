import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { flagQuery } from '../../infra/http/page.ts';
import { HttpProblem } from '../../infra/http/problem.ts';
import { route, RouteAnswer, type Route } from '../../infra/http/route.ts';
import { keptReports, namedReport } from '../../trading/results/kept-reports.ts';
import { REPORT_POLICY } from '../report/report-policy.ts';
import { requireAllRuns, runParams } from './run-access.ts';
import { chartSchema } from '../../trading/results/run-schemas.ts';
import { runChart } from './run-chart.ts';

const reads = { method: 'GET', permission: 'research:read', tag: 'research' } as const;

/** Reports of kept runs as pages, and what charts of them are drawn from. */
export function reportRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/reports',
      summary: 'Runs that have a report, the newest first',
      answers: { 200: z.object({ reports: z.array(z.object({ id: z.string(), made: z.iso.datetime() })) }) },
      handle: async ({ context, identity }) => {
        requireAllRuns(identity!);
        const reports = keptReports(context.config.dataDir);
        return { reports: reports.map(({ id, keptAt }) => ({ id, made: keptAt.toISOString() })) };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/reports/:run',
      summary: 'The report of a run as an HTML page that asks for nothing; `latest` is the newest',
      params: runParams,
      query: z.strictObject({
        download: flagQuery.meta({ description: 'as a file to be saved' }),
      }),
      answerType: 'text/html',
      answers: { 200: z.string() },
      handle: async ({ params: { run }, query: { download }, context, identity }) => {
        requireAllRuns(identity!);
        const { id, folder } = namedReport(keptReports(context.config.dataDir), run);
        return new RouteAnswer(200, await pageOf(id, folder), {
          type: 'text/html; charset=utf-8',
          headers: {
            // The console shows it in a frame of its own: its one script, no form, no request, an origin of nobody.
            'content-security-policy': [...REPORT_POLICY, "frame-ancestors 'self'", 'sandbox allow-scripts'].join('; '),
            'x-frame-options': 'SAMEORIGIN',
            ...(download ? { 'content-disposition': `attachment; filename="${fileName(id)}.html"` } : {}),
          },
        });
      },
    }),
    route({
      ...reads,
      path: '/api/v1/runs/:run/chart',
      summary: 'Equity, drawdown and benchmarks of a run by columns, and its returns by month',
      params: runParams,
      answers: { 200: chartSchema },
      handle: async ({ params: { run }, context, identity }) => {
        requireAllRuns(identity!);
        return runChart(context, run);
      },
    }),
  ];
}

const fileName = (id: string): string => id.replace(/[^\w.-]+/g, '-');

async function pageOf(id: string, folder: string): Promise<string> {
  try {
    return await readFile(join(folder, 'report.html'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new HttpProblem(404, 'not-found', `Run "${id}" has no report.html any more.`, { remedy: 'Run it again.' });
  }
}
