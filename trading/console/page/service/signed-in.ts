import { systemClock } from '../../../../infra/clock.ts';

/** Cookies of a sign-in hold for a quarter of an hour; new ones are fetched before that. */
const FRESH_MS = 12 * 60_000;
const SINCE = 'signalbox-fresh-since';
const LOCK = 'signalbox-refresh';

const listeners = new Set<() => void>();
let refreshing: Promise<void> | null = null;

/** Tells when the service has ended a sign-in. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function signedOut(): void {
  localStorage.removeItem(SINCE);
  for (const listener of listeners) listener();
}

/** Notes that this browser has just got new cookies. */
export function noteFresh(): void {
  localStorage.setItem(SINCE, String(systemClock()));
}

function isFresh(): boolean {
  const since = Number(localStorage.getItem(SINCE) ?? 0);
  return systemClock() - since < FRESH_MS;
}

/** Whether this browser may be signed in: the service alone knows whether it is. */
export function mayBeSignedIn(): boolean {
  return /(^|; )signalbox_csrf=[^;]/.test(document.cookie);
}

/** Gets new cookies in time, once for all tabs that ask: a refresh token that is used twice ends a sign-in. */
export async function keepSignedIn(): Promise<void> {
  if (isFresh() || !mayBeSignedIn()) return;
  refreshing ??= oneTabAtATime(refresh).finally(() => {
    refreshing = null;
  });
  await refreshing;
}

/** Gets new cookies, however new those are that the service does not take any more. */
export async function refreshNow(): Promise<void> {
  localStorage.removeItem(SINCE);
  await keepSignedIn();
}

async function oneTabAtATime(work: () => Promise<void>): Promise<void> {
  // Locks are there on secure pages only.
  if (!('locks' in navigator)) return work();
  await navigator.locks.request(LOCK, work);
}

async function refresh(): Promise<void> {
  // Another tab was faster.
  if (isFresh()) return;
  let answer: Response;
  try {
    answer = await fetch('/api/v1/auth/refresh', { method: 'POST', credentials: 'same-origin', headers: csrf() });
  } catch {
    // The service is away: whatever is asked next says so.
    return;
  }
  if (answer.ok) noteFresh();
  else if (answer.status === 401) signedOut();
}

function csrf(): Record<string, string> {
  return { 'x-csrf-token': /(?:^|; )signalbox_csrf=([^;]*)/.exec(document.cookie)?.[1] ?? '' };
}
