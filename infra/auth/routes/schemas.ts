import { z } from 'zod';
import { PERMISSIONS, ROLES } from '../roles.ts';

export const roleSchema = z.enum(ROLES);
export const sessionsSchema = z
  .array(z.string())
  .nullable()
  .meta({ description: 'sessions that may be seen; null for all' });
const time = z.iso.datetime();
export const meSchema = z
  .object({
    name: z.string(),
    kind: z.enum(['user', 'token']),
    role: roleSchema,
    permissions: z.array(z.enum(PERMISSIONS)),
    sessions: sessionsSchema,
    preferences: z.record(z.string(), z.unknown()),
    csrf: z.string().nullable().meta({ description: 'for the header x-csrf-token; null for a token' }),
    mustEnrol: z.boolean().meta({ description: 'nothing is answered before a second factor is set up' }),
  })
  .meta({ id: 'Me' });
export const userSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    role: roleSchema,
    sessions: sessionsSchema,
    preferences: z.record(z.string(), z.unknown()),
    createdAt: time,
    disabledAt: time.nullable(),
    hasPassword: z.boolean(),
    providerSubject: z.string().nullable().meta({ description: 'issuer and subject at the identity provider' }),
  })
  .meta({ id: 'User' });
export const tokenSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    role: roleSchema,
    sessions: sessionsSchema,
    madeBy: z.string(),
    madeAt: time,
    expiresAt: time,
    revokedAt: time.nullable(),
    owner: z.int().nullable().meta({ description: 'id of the user whose it is; null for those of the service' }),
  })
  .meta({ id: 'ApiToken' });
export const linkSchema = z.object({ user: userSchema, link: z.string().meta({ description: 'shown once' }) });
export const newTokenSchema = z.strictObject({
  name: z.string(),
  role: roleSchema,
  sessions: sessionsSchema.optional(),
  days: z.number().positive().default(90),
});
export const nameParams = z.strictObject({ name: z.string().min(1).max(100) });
export const listedUserSchema = userSchema
  .extend({ secondFactor: z.boolean().meta({ description: 'whether sign-ins ask them for a code' }) })
  .meta({ id: 'ListedUser' });
export const codeSchema = z
  .string()
  .min(6)
  .max(40)
  .meta({ description: 'six digits of the app, or a recovery code', example: '123456' });

export const factorSchema = z
  .object({
    enrolled: z.boolean(),
    since: z.iso.datetime().nullable(),
    recoveryCodesLeft: z.int(),
    sealed: z.boolean().nullable().meta({ description: 'false: the database has it in clear; null: there is none' }),
  })
  .meta({ id: 'SecondFactor' });
export const begunFactorSchema = z.object({
  setupKey: z.string().meta({ description: 'base32, for an authenticator app; shown once' }),
  issuer: z.string(),
  account: z.string(),
  sealed: z.boolean().meta({ description: 'false: SIGNALBOX_SEAL_KEYS is not set, the database has it in clear' }),
});
export const recoveryCodesSchema = z.object({
  recoveryCodes: z.array(z.string()).meta({ description: 'each good once; shown once' }),
});

export const signInSchema = z
  .object({
    id: z.int(),
    beganAt: time,
    lastAt: time.meta({ description: 'when its cookies were last made new' }),
    address: z.string(),
    current: z.boolean().meta({ description: 'the one that asks' }),
  })
  .meta({ id: 'SignIn' });

const amount = z.number().positive().max(1e15).nullable();
export const profileFields = {
  orderValueMax: amount.meta({ description: 'of one order, in the currency of its symbol; null for no bound' }),
  dailyOrdersMax: z.int().min(0).max(1_000_000).nullable().meta({ description: 'of a day in UTC' }),
  dailyValueMax: amount.meta({ description: 'of all orders of a day in UTC' }),
  sessionCapitalMax: amount.meta({ description: 'of a session that the user starts' }),
  symbols: z.array(z.string().min(1).max(100)).max(1_000).nullable().meta({ description: 'null for all' }),
};
export const riskProfileSchema = z
  .object({
    name: z.string(),
    profile: z.object(profileFields),
    changedBy: z.string().nullable(),
    changedAt: z.iso.datetime().nullable(),
    today: z.object({ orders: z.int(), value: z.number() }),
  })
  .meta({ id: 'RiskProfile' });

export const accessSchema = z
  .object({
    what: z.enum(['route', 'channel']),
    name: z.string(),
    permission: z.string(),
    roles: z.array(z.enum(ROLES)),
  })
  .meta({ id: 'Access' });

export const ticketSchema = z
  .object({ needs: z.literal('code'), ticket: z.string().meta({ description: 'for the second step: five minutes' }) })
  .meta({ id: 'SecondStep' });
export const waysSchema = z.object({
  password: z.boolean(),
  provider: z.string().nullable().meta({ description: 'name of the identity provider; null where there is none' }),
});
