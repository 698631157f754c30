import { HttpProblem } from '../../http/problem.ts';
import type { RouteRequest } from '../../http/route.ts';
import type { Doing } from '../accounts.ts';
import type { Authenticator } from '../authenticator.ts';
import { actorOf } from '../identity.ts';
import type { IdentityProvider } from '../provider/identity-provider.ts';
import type { SecondFactors } from '../second-factor/second-factors.ts';
import type { SignIns } from '../sign-in.ts';
import type { Tries } from '../tries.ts';

/** What the routes of sign-ins, users and tokens work with. */
export interface AuthParts {
  readonly signIns: SignIns;
  readonly authenticator: Authenticator;
  readonly secret: Uint8Array;
  readonly factors: SecondFactors;
  readonly tries: Tries;
  /** Null where none is configured. */
  readonly provider: IdentityProvider | null;
}

/** Who does what a request asks for. */
export async function doingOf({ context, identity }: Pick<RouteRequest, 'context' | 'identity'>): Promise<Doing> {
  return { database: await context.database(), clock: context.clock, actor: actorOf(identity!) };
}

/** What whoever has tried too often is told. */
export function tooManyTries(): HttpProblem {
  return new HttpProblem(429, 'too-many-tries', 'Too many tries in vain.', {
    headers: { 'retry-after': '900' },
    remedy: 'Wait a quarter of an hour, or ask an administrator for a link.',
  });
}
