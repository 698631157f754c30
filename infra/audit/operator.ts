import type { Actor } from './audit-store.ts';

/** Whoever gave a command. */
export function operatorOf({ operator }: { readonly operator: string }): Actor {
  return { kind: 'operator', name: operator };
}

/** What acts without having been told by anybody. */
export const SYSTEM: Actor = { kind: 'system', name: 'system' };
