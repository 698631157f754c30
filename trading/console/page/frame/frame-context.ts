import { createContext, useContext } from 'react';
import type { StopAsked } from './stop-dialog.tsx';

export interface FrameDeeds {
  readonly openStop: (asked: StopAsked) => void;
}

export const FrameContext = createContext<FrameDeeds | null>(null);

/** What every screen can open. */
export function useFrame(): FrameDeeds {
  const deeds = useContext(FrameContext);
  if (deeds === null) throw new Error('Screens stand in the frame.');
  return deeds;
}
