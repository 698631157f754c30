import { z } from 'zod';
import { HttpProblem } from '../../http/problem.ts';
import { route, RouteAnswer, type Route, type RouteRequest } from '../../http/route.ts';
import { requireSecondFactor, resetSecondFactor } from '../accounts.ts';
import { InputError } from '../../errors.ts';
import { ISSUER } from '../second-factor/second-factors.ts';
import { doingOf, tooManyTries, type AuthParts } from './auth-parts.ts';
import { requireUser } from '../identity.ts';
import {
  begunFactorSchema,
  codeSchema,
  factorSchema,
  nameParams,
  recoveryCodesSchema,
  roleSchema,
  userSchema,
} from './schemas.ts';

const PATH = '/api/v1/me/second-factor';
const self = { permission: 'self', tag: 'users' } as const;
const codeBody = z.strictObject({ code: codeSchema });

/** Routes of codes beside the password. */
export function factorRoutes(parts: AuthParts): Route[] {
  return [...ownFactorRoutes(parts), ...managedRoutes(parts)];
}

function ownFactorRoutes(parts: AuthParts): Route[] {
  const { factors, authenticator } = parts;
  return [
    route({
      ...self,
      method: 'GET',
      path: PATH,
      summary: 'Whether one’s sign-ins ask for a code, and how many recovery codes are left',
      answers: { 200: factorSchema },
      handle: async ({ identity }) => factors.stateOf(requireUser(identity!).id),
    }),
    route({
      ...self,
      method: 'POST',
      path: PATH,
      summary: 'Begin a second factor: what an authenticator app is set up with, shown once',
      answers: { 201: begunFactorSchema },
      shownOnce: true,
      handle: async ({ identity }) => {
        const user = requireUser(identity!);
        const begun = await factors.begin(user);
        return new RouteAnswer(201, { ...begun, issuer: ISSUER, account: user.name });
      },
    }),
    route({
      ...self,
      method: 'POST',
      path: `${PATH}/confirm`,
      summary: 'Give the first code: sign-ins ask for one from then on; recovery codes are in the answer, once',
      body: codeBody,
      answers: { 200: recoveryCodesSchema },
      shownOnce: true,
      handle: async (request) => {
        const recoveryCodes = await counted(parts, request, (user) => factors.confirm(user, request.body.code));
        authenticator.forget();
        return { recoveryCodes };
      },
    }),
    route({
      ...self,
      method: 'POST',
      path: `${PATH}/recovery-codes`,
      summary: 'Other recovery codes in place of all there are, for a code',
      body: codeBody,
      answers: { 200: recoveryCodesSchema },
      shownOnce: true,
      handle: async (request) => ({
        recoveryCodes: await counted(parts, request, (user) => factors.renewCodes(user, request.body.code)),
      }),
    }),
    route({
      ...self,
      method: 'POST',
      path: `${PATH}/remove`,
      summary: 'Ask for no code any more, for a last one',
      body: codeBody,
      answers: { 200: factorSchema },
      handle: async (request) => {
        const { id } = await counted(parts, request, async (user) =>
          (await factors.remove(user, request.body.code)) ? user : null,
        );
        authenticator.forget();
        return factors.stateOf(id);
      },
    }),
  ];
}

/** Does what a code is given for. Wrong ones count as those of sign-ins do. @throws HttpProblem */
async function counted<Done>(
  { tries }: AuthParts,
  { identity, address }: Pick<RouteRequest, 'identity' | 'address'>,
  work: (user: { id: number; name: string }) => Promise<Done | null>,
): Promise<Done> {
  const user = requireUser(identity!);
  const one = await tries.begin(user.name, address);
  if (one === null) throw tooManyTries();
  const done = await work(user);
  if (done === null) throw new HttpProblem(422, 'wrong-code', 'That is no code of yours, or it was used before.');
  await tries.succeed(one);
  return done;
}

function managedRoutes({ authenticator }: AuthParts): Route[] {
  const common = { permission: 'users:manage', tag: 'users' } as const;
  return [
    route({
      ...common,
      method: 'DELETE',
      path: '/api/v1/users/:name/second-factor',
      summary: 'Forget the second factor of a user who has lost it; their sign-ins end',
      params: nameParams,
      answers: { 200: userSchema },
      handle: async (request) => {
        const { identity, params } = request;
        if (identity!.kind === 'user' && identity!.name.toLowerCase() === params.name.toLowerCase()) {
          throw new InputError('Your own second factor is not reset.', 'Remove it, with a code of it.');
        }
        const user = await resetSecondFactor(await doingOf(request), params.name);
        authenticator.forget();
        return user;
      },
    }),
    route({
      ...common,
      method: 'PUT',
      path: '/api/v1/roles/:role/second-factor',
      summary: 'Whether users of a role do nothing before they have a second factor',
      params: z.strictObject({ role: roleSchema }),
      body: z.strictObject({ needed: z.boolean() }),
      answers: { 200: z.object({ role: roleSchema, needed: z.boolean() }) },
      handle: async (request) => {
        const { needed } = request.body;
        const role = await requireSecondFactor(await doingOf(request), request.params.role, needed);
        authenticator.forget();
        return { role, needed };
      },
    }),
  ];
}
