import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { z } from 'zod';
import type {
  actionsSchema,
  correctionsSchema,
  coverageSchema,
  featureSetsSchema,
  featuresSchema,
  findingsSchema,
  monthsSchema,
} from '../../../../pipelines/holdings/schemas.ts';
import type { ingestJobSchema, ingestResultSchema } from '../../../../pipelines/jobs/routes.ts';
import type { IngestRequest } from '../../../../pipelines/jobs/ingest-request.ts';
import { ask } from '../service/ask.ts';
import { usePages } from '../service/queries.ts';

export type Series = z.infer<typeof coverageSchema>['series'][number];
export type Month = z.infer<typeof monthsSchema>['months'][number];
type Findings = z.infer<typeof findingsSchema>;
export type Finding = Findings['findings'][number];
export type CorporateAction = z.infer<typeof actionsSchema>['actions'][number];
export type Correction = z.infer<typeof correctionsSchema>['corrections'][number];
export type FeatureSet = z.infer<typeof featureSetsSchema>['sets'][number];
export type Feature = z.infer<typeof featuresSchema>['features'][number];
export type IngestJob = z.infer<typeof ingestJobSchema>;
export type IngestResult = z.infer<typeof ingestResultSchema>;

const SLOW_MS = 15_000;
const FAST_MS = 1_000;

/** A list that is asked for whole, now and then. */
function useList<Row>(key: string, path: string, everyMs: number | false = SLOW_MS): UseQueryResult<readonly Row[]> {
  return useQuery({
    queryKey: [path],
    queryFn: async ({ signal }) => (await ask<Record<string, Row[]>>('GET', path, { signal }))[key]!,
    refetchInterval: everyMs,
  });
}

export const useCoverage = () => useList<Series>('series', '/api/v1/data/coverage');
export const useCorrections = () => useList<Correction>('corrections', '/api/v1/data/corrections');
export const useFeatureSets = () => useList<FeatureSet>('sets', '/api/v1/data/features');
export const useFeatures = () => useList<Feature>('features', '/api/v1/features', false);
export const useMonths = (series: number) => useList<Month>('months', `/api/v1/data/series/${series}/months`);
export const useActions = (series: number) =>
  useList<CorporateAction>('actions', `/api/v1/data/series/${series}/actions`);
export const useFindings = (series: number, severity: string) =>
  usePages<Findings>(`/api/v1/data/series/${series}/findings`, { severity: severity === 'all' ? undefined : severity });

const INGESTS = '/api/v1/data/ingests';

/** Ingests that were asked for; often as long as one is not over. */
export function useIngests(): UseQueryResult<readonly IngestJob[]> {
  return useQuery({
    queryKey: [INGESTS],
    queryFn: async ({ signal }) => (await ask<{ jobs: IngestJob[] }>('GET', INGESTS, { signal })).jobs,
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) === true ? FAST_MS : SLOW_MS),
  });
}

export function useIngest(id: string): UseQueryResult<IngestResult> {
  return useQuery({
    queryKey: [INGESTS, id],
    queryFn: ({ signal }) => ask<IngestResult>('GET', `${INGESTS}/${id}`, { signal }),
    refetchInterval: ({ state }) => (state.data === undefined || isUnderWay(state.data) ? FAST_MS : false),
  });
}

const isUnderWay = ({ state }: Pick<IngestJob, 'state'>): boolean => state === 'waiting' || state === 'running';

export const askForIngest = (body: IngestRequest): Promise<IngestJob> => ask<IngestJob>('POST', INGESTS, { body });
