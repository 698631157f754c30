import { useMutation, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { z } from 'zod';
import type { channelsSchema } from '../../../../infra/alerts/channel-routes.ts';
import type { choiceSchema, choicesSchema, inboxSchema } from '../../../../infra/alerts/inbox/inbox-routes.ts';
import type { browsersSchema } from '../../../../infra/alerts/push/push-routes.ts';
import type { silencesSchema } from '../../../../infra/alerts/routes.ts';
import type { rulesSchema } from '../../../../infra/alerts/rules/rule-routes.ts';
import type { triedSchema } from '../../../../infra/alerts/tried-schema.ts';
import { useIsLive } from '../live/live-state.ts';
import { ask } from '../service/ask.ts';

export type Rules = z.infer<typeof rulesSchema>;
export type Rule = Rules['rules'][number];
export type Metric = Rules['metrics'][number];
export type Silence = z.infer<typeof silencesSchema>['silences'][number];
export type Channels = z.infer<typeof channelsSchema>;
export type Choice = z.infer<typeof choiceSchema>;
export type Choices = z.infer<typeof choicesSchema>;
export type Inbox = z.infer<typeof inboxSchema>;
export type Browsers = z.infer<typeof browsersSchema>;
export type Tried = z.infer<typeof triedSchema>;

/** All of these are asked for anew when one of them was changed. */
const ROOT = 'alerts-about';
const TOLD_MS = 15_000;
const ASKED_MS = 3_000;

function useAbout<Answer>(path: string): UseQueryResult<Answer> {
  const everyMs = useIsLive() ? TOLD_MS : ASKED_MS;
  return useQuery({
    queryKey: [ROOT, path],
    queryFn: ({ signal }) => ask<Answer>('GET', `/api/v1/alerts/${path}`, { signal }),
    refetchInterval: everyMs,
  });
}

export const useRules = (): UseQueryResult<Rules> => useAbout('rules');
export const useSilences = (): UseQueryResult<{ silences: Silence[] }> => useAbout('silences');
export const useChannels = (): UseQueryResult<Channels> => useAbout('channels');
export const useChoices = (): UseQueryResult<Choices> => useAbout('choices');
export const useBrowsers = (): UseQueryResult<Browsers> => useAbout('push');

/** What whoever is signed in was told of on the page; asked for often, for it is what the bell shows. */
export function useInbox(): UseQueryResult<Inbox> {
  return useQuery({
    queryKey: [ROOT, 'inbox'],
    queryFn: ({ signal }) => ask<Inbox>('GET', '/api/v1/alerts/inbox', { signal }),
    refetchInterval: ASKED_MS,
  });
}

interface Change {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/** Changes something about alerts; what is shown of them is asked for anew. */
export function useAlertChange<Answer = unknown>(onDone?: (answer: Answer) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ method, path, body }: Change) => ask<Answer>(method, `/api/v1/alerts/${path}`, { body }),
    onSuccess: async (answer) => {
      onDone?.(answer);
      await queries.invalidateQueries({ queryKey: [ROOT] });
    },
  });
}
