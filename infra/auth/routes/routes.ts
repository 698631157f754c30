import type { Route } from '../../http/route.ts';
import type { AuthParts } from './auth-parts.ts';
import { factorRoutes } from './factor-routes.ts';
import { ownAccessRoutes } from './own-access-routes.ts';
import { profileRoutes } from './profile-routes.ts';
import { providerRoutes } from './provider-routes.ts';
import { selfRoutes } from './self-routes.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { tokenRoutes, userRoutes } from './user-routes.ts';

/** Routes of sign-ins, of whoever is signed in, and of users and tokens. */
export function authRoutes(parts: AuthParts): Route[] {
  return [
    ...signInRoutes(parts),
    ...providerRoutes(parts),
    ...selfRoutes(parts),
    ...factorRoutes(parts),
    ...ownAccessRoutes(parts),
    ...userRoutes(parts),
    ...tokenRoutes(parts),
    ...profileRoutes(),
  ];
}
