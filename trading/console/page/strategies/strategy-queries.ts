import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type { JsonSchema } from '../../../../models/experiment/described/described-key.ts';
import type {
  strategySchema,
  versionSchema,
  wholeStrategySchema,
  wholeVersionSchema,
} from '../../../deployed/schemas.ts';
import type { Job } from '../backtests/run-queries.ts';
import { ask } from '../service/ask.ts';

export type Strategy = z.infer<typeof strategySchema>;
export type WholeStrategy = z.infer<typeof wholeStrategySchema>;
type Version = z.infer<typeof versionSchema>;
type WholeVersion = z.infer<typeof wholeVersionSchema>;
export type Settings = Strategy['settings'];
export type Action = 'start' | 'stop' | 'pause' | 'resume' | 'restart';

/** A mistake of a YAML text, with its place. */
export interface Mistake {
  readonly line: number | null;
  readonly key: string;
  readonly message: string;
}

const LOOK_MS = 2_000;
const pathOf = (name: string): string => `/api/v1/strategies/${encodeURIComponent(name)}`;

/** Strategies that the service keeps. What moves is asked for again and again; what is the same is not sent. */
export function useStrategies() {
  return useQuery({
    queryKey: ['strategies'],
    queryFn: async ({ signal }) => (await ask<{ kept: Strategy[] }>('GET', '/api/v1/strategies', { signal })).kept,
    refetchInterval: LOOK_MS,
  });
}

export function useStrategy(name: string) {
  return useQuery({
    queryKey: ['strategies', name],
    queryFn: ({ signal }) => ask<WholeStrategy>('GET', pathOf(name), { signal }),
    refetchInterval: LOOK_MS,
  });
}

export function useVersions(name: string) {
  return useQuery({
    queryKey: ['strategies', name, 'versions'],
    queryFn: async ({ signal }) =>
      (await ask<{ versions: Version[] }>('GET', `${pathOf(name)}/versions`, { signal })).versions,
  });
}

/** The text of a version, which never changes. */
export function useVersion(name: string, version: number | null) {
  return useQuery({
    queryKey: ['strategies', name, 'versions', version],
    queryFn: ({ signal }) => ask<WholeVersion>('GET', `${pathOf(name)}/versions/${version!}`, { signal }),
    enabled: version !== null,
    staleTime: Infinity,
  });
}

export function useExperimentSchema() {
  return useQuery({
    queryKey: ['experiment-schema'],
    queryFn: ({ signal }) => ask<JsonSchema>('GET', '/api/v1/experiments/schema', { signal }),
    staleTime: Infinity,
  });
}

/** What the service finds wrong with a text. */
export function useMistakes(yaml: string) {
  return useQuery({
    queryKey: ['experiment-check', yaml],
    queryFn: async ({ signal }) =>
      (await ask<{ mistakes: Mistake[] }>('POST', '/api/v1/experiments/check', { body: { yaml }, signal })).mistakes,
    staleTime: Infinity,
    enabled: yaml.trim() !== '',
    placeholderData: (before) => before,
  });
}

/** What is kept as a version. */
export interface Kept {
  readonly yaml: string;
  readonly settings: Settings;
  readonly reason: string;
}

/** Keeps a version of a strategy: `from` is the one that was changed, null for a strategy that is new. */
export function useKeep(name: string, from: number | null, onKept: (kept: Strategy, made: Kept) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ yaml, settings, reason }: Kept) => {
      const body = { yaml, ...settings, reason };
      if (from === null) return ask<Strategy>('POST', '/api/v1/strategies', { body: { name, ...body } });
      return ask<Strategy>('PUT', pathOf(name), { body: { version: from, ...body } });
    },
    onSuccess: async (kept, made) => {
      await queries.invalidateQueries({ queryKey: ['strategies'] });
      onKept(kept, made);
    },
  });
}

export function useAct(name: string, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ action, reason }: { action: Action; reason: string }) =>
      ask<Strategy>('POST', `${pathOf(name)}/${action}`, { body: { reason } }),
    onSuccess: async () => {
      onDone();
      await queries.invalidateQueries();
    },
  });
}

/** Asks for a backtest of a version of a strategy. */
export function useBacktest({ name, version }: Pick<Strategy, 'name' | 'version'>, onAsked: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => ask<Job>('POST', `${pathOf(name)}/backtest`, { body: { version } }),
    onSuccess: async () => {
      onAsked();
      await queries.invalidateQueries({ queryKey: ['jobs'] });
    },
  });
}
