import { useNavigate, useSearch } from '@tanstack/react-router';
import { useSessions } from '../service/queries.ts';
import type { Session } from '../service/shapes.ts';

export interface ChosenSession {
  readonly sessions: readonly Session[];
  /** The one in the address, or else the newest that runs, or else ran. */
  readonly session: Session | undefined;
  readonly id: string | undefined;
  readonly choose: (id: string) => void;
}

/** The session that a screen is about. */
export function useChosenSession(): ChosenSession {
  const { data: sessions = [] } = useSessions();
  const { session: asked } = useSearch({ from: '__root__' });
  const navigate = useNavigate();
  const session =
    asked === undefined
      ? (sessions.find(({ state }) => state === 'running') ?? sessions[0])
      : sessions.find((one) => one.session === asked);
  const choose = (id: string): void => void navigate({ to: '.', search: { session: id } });
  return { sessions, session, id: asked ?? session?.session, choose };
}
