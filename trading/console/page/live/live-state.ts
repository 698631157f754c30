import { useSyncExternalStore } from 'react';
import { systemClock } from '../../../../infra/clock.ts';

/** Whether the service tells changes by itself, and when it was last heard. */
interface LiveState {
  readonly isOpen: boolean;
  readonly heardMs: number;
}

let state: LiveState = { isOpen: false, heardMs: 0 };
const listeners = new Set<() => void>();

function change(next: LiveState): void {
  state = next;
  for (const listener of listeners) listener();
}

export const noteOpen = (isOpen: boolean): void => change({ isOpen, heardMs: isOpen ? systemClock() : state.heardMs });

/** Hundreds of messages a second are one look at the clock each, and one drawing a second: the header's. */
export function noteHeard(): void {
  state = { ...state, heardMs: systemClock() };
}

export const heardMs = (): number => state.heardMs;

/** Whether changes come by themselves: then nothing has to ask for them every two seconds. */
export function useIsLive(): boolean {
  return useSyncExternalStore(subscribe, () => state.isOpen);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
