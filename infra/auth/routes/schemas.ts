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
export const nameParams = z.strictObject({ name: z.string().min(1).max(100) });
export const listedUserSchema = userSchema
  .extend({ secondFactor: z.boolean().meta({ description: 'whether sign-ins ask them for a code' }) })
  .meta({ id: 'ListedUser' });
export const codeSchema = z
  .string()
  .min(6)
  .max(40)
  .meta({ description: 'six digits of the app, or a recovery code', example: '123456' });
