import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { ask, newKey, NoAnswer, withQuery, type Asked, type Method } from './ask.ts';

/** Tries of what had no answer: the service may be starting again. */
const TRIES_MAX = 20;
const TRY_MS = 1_000;

/** What is asked of the service, to be done once. */
interface Doing {
  readonly method: Exclude<Method, 'GET'>;
  readonly path: string;
  readonly query?: Asked;
  readonly body?: unknown;
}

interface DeedOptions<Answer> {
  /** What is said once it is done. */
  readonly said: (answer: Answer) => { readonly title: string; readonly message: string };
  readonly onDone: () => void;
  /** Asked again it is done once, whatever became of the service: it is repeated until there is an answer. */
  readonly isRepeatable?: boolean;
}

interface Deed {
  readonly mutate: (doing: Doing) => void;
  readonly isPending: boolean;
  readonly error: Error | null;
}

/** Something that somebody does here. One key stands for it, however often it is clicked or has to be sent. */
export function useDeed<Answer>({ said, onDone, isRepeatable = false }: DeedOptions<Answer>): Deed {
  const queries = useQueryClient();
  const last = useRef({ what: '', key: '' });
  const isBusy = useRef(false);
  const { mutate, isPending, error } = useMutation({
    mutationFn: ({ method, path, query = {}, body }: Doing) => {
      const what = JSON.stringify([method, path, query, body]);
      if (last.current.what !== what) last.current = { what, key: newKey() };
      return ask<Answer>(method, withQuery(path, query), { body, key: last.current.key });
    },
    retry: (tries, failure) => isRepeatable && failure instanceof NoAnswer && tries < TRIES_MAX,
    retryDelay: TRY_MS,
    onSuccess: async (answer) => {
      notifications.show({ ...said(answer), color: 'teal' });
      onDone();
      await queries.invalidateQueries();
    },
    onSettled: () => {
      isBusy.current = false;
    },
  });
  // The second click of two comes before the page has drawn that the first is under way.
  const once = (doing: Doing): void => {
    if (isBusy.current) return;
    isBusy.current = true;
    mutate(doing);
  };
  return { mutate: once, isPending, error };
}
