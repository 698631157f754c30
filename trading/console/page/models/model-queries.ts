import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { z } from 'zod';
import type {
  cardSchema,
  decisionSchema,
  predictionsSchema,
  promotionSchema,
  versionSchema,
  watchedSchema,
} from '../../../../models/model-schemas.ts';
import { ask, withQuery } from '../service/ask.ts';
import { usePages } from '../service/queries.ts';

export type Version = z.infer<typeof versionSchema>;
export type Card = z.infer<typeof cardSchema>;
export type Decision = z.infer<typeof decisionSchema>;
export type Watched = z.infer<typeof watchedSchema>;
export type Promotion = z.infer<typeof promotionSchema>;
type PredictionsPage = z.infer<typeof predictionsSchema>;
export type Prediction = PredictionsPage['predictions'][number];

const OFTEN_MS = 15_000;
const ASKED_MS = 1_000;

/** A version as the service takes it. */
export const referenceOf = ({ name, version }: Pick<Version, 'name' | 'version'>): string => `${name}@${version}`;
const pathOf = (reference: string): string => `/api/v1/models/${encodeURIComponent(reference)}`;

export function useVersions(): UseQueryResult<readonly Version[]> {
  return useQuery({
    queryKey: ['models'],
    queryFn: async ({ signal }) => (await ask<{ models: Version[] }>('GET', '/api/v1/models', { signal })).models,
    refetchInterval: OFTEN_MS,
  });
}

export function useCard(reference: string | null): UseQueryResult<Card> {
  return useQuery({
    queryKey: ['models', reference],
    queryFn: ({ signal }) => ask<Card>('GET', pathOf(reference!), { signal }),
    enabled: reference !== null,
  });
}

export function useWatched(reference: string): UseQueryResult<Watched> {
  return useQuery({
    queryKey: ['models', reference, 'monitoring'],
    queryFn: ({ signal }) => ask<Watched>('GET', `${pathOf(reference)}/monitoring`, { signal }),
    refetchInterval: OFTEN_MS,
  });
}

export const usePredictions = (reference: string, symbol: string) =>
  usePages<PredictionsPage>(`${pathOf(reference)}/predictions`, { symbol });

/** Asks for a promotion or for going back. */
export function askForPromotion(
  does: Promotion['does'],
  model: string,
  body: { readonly force?: boolean; readonly reason?: string },
): Promise<Promotion> {
  return ask<Promotion>('POST', `${pathOf(model)}/${does}`, { body });
}

/** A promotion that was asked for, until it has ended. */
export function usePromotion(id: string | null): UseQueryResult<Promotion> {
  return useQuery({
    queryKey: ['promotions', id],
    queryFn: ({ signal }) => ask<Promotion>('GET', withQuery(`/api/v1/promotions/${id!}`, {}), { signal }),
    enabled: id !== null,
    refetchInterval: ({ state }) => (hasEnded(state.data) ? false : ASKED_MS),
  });
}

export function hasEnded(promotion: Promotion | undefined): boolean {
  return promotion?.state === 'done' || promotion?.state === 'failed';
}
