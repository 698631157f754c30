import { createContext, useContext } from 'react';
import type { Permission } from '../../../../infra/auth/roles.ts';
import type { Me } from '../service/shapes.ts';

export const MeContext = createContext<Me | null>(null);

/** Whoever is signed in. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === null) throw new Error('Nobody is signed in here.');
  return me;
}

/** Whether whoever is signed in may do something: what they may not is not offered, and refused all the same. */
export function useMay(permission: Permission): boolean {
  return useMe().permissions.includes(permission);
}
