import { z } from 'zod';
import { wordsBetween } from '../files/words-between.ts';
import { ROLES, type Role } from './roles.ts';

/** Sign-ins by an identity provider (OpenID Connect). */
export interface ProviderSettings {
  /** SIGNALBOX_OIDC_ISSUER: its address, below which discovery finds the rest. */
  readonly issuer: string;
  /** SIGNALBOX_OIDC_CLIENT_ID and SIGNALBOX_OIDC_CLIENT_SECRET: as whom this service is known there. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** SIGNALBOX_PUBLIC_URL: by which browsers reach this service; the callback is below it. */
  readonly publicUrl: string;
  /** SIGNALBOX_OIDC_LABEL: its name on the sign-in page (the host of the issuer). */
  readonly label: string;
  /** SIGNALBOX_OIDC_SCOPES: what is asked for (openid, profile, email). */
  readonly scopes: readonly string[];
  /** SIGNALBOX_OIDC_NAME_CLAIM: which claim is the name of a user (preferred_username). */
  readonly nameClaim: string;
  /** SIGNALBOX_OIDC_ROLE_CLAIM: which claim has the groups (groups). */
  readonly roleClaim: string;
  /**
   * SIGNALBOX_OIDC_ROLES: `desk=trader,risk=operator`. The first group that somebody has gives the role, at every
   * sign-in, and whoever is new is added. None: only users that exist are let in, and keep the role they have here.
   */
  readonly roles: readonly { readonly group: string; readonly role: Role }[];
}

/** Who may sign in, and how. */
export interface AuthSettings {
  /** SIGNALBOX_SEAL_KEYS: 32 bytes in base64 each; the first seals second factors, all open. None: stored in clear. */
  readonly sealKeys: readonly string[];
  readonly provider: ProviderSettings | null;
}

const KEY_BYTES = 32;
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;
const httpsUrl = z
  .string()
  .refine((text) => URL.canParse(text) && isSafe(new URL(text)), 'must be a URL that starts with https://')
  .transform((text) => text.replace(/\/+$/, ''));

/** On loopback nobody listens in between. */
function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}

/** Keys of `--config FILE` and of the environment. */
export const authFields = {
  oidcIssuer: httpsUrl,
  oidcClientId: z.string().min(1).max(200),
  oidcLabel: z.string().trim().min(1).max(60),
  oidcScopes: z.array(z.string().regex(/^[\x21-\x7e]+$/)).min(1),
  oidcNameClaim: z.string().min(1).max(100),
  oidcRoleClaim: z.string().min(1).max(200),
  oidcRoles: z.array(z.object({ group: z.string().min(1), role: z.enum(ROLES).exclude(['strategy']) })).min(1),
  publicUrl: httpsUrl,
};

/** Secrets: in the environment only. */
export const authSecretFields = {
  sealKeys: z.array(z.base64().refine((text) => Buffer.from(text, 'base64').length === KEY_BYTES)).min(1),
  oidcClientSecret: z.string().min(8),
};

type Settings = { readonly [Name in keyof typeof authFields]?: z.infer<(typeof authFields)[Name]> | undefined } & {
  readonly [Name in keyof typeof authSecretFields]?: z.infer<(typeof authSecretFields)[Name]> | undefined;
};

/** Which variable sets which field. */
export const AUTH_VARIABLES: readonly {
  name: string;
  field: keyof Settings;
  parse?: (text: string) => unknown;
}[] = [
  { name: 'SIGNALBOX_SEAL_KEYS', field: 'sealKeys', parse: parseList },
  { name: 'SIGNALBOX_PUBLIC_URL', field: 'publicUrl' },
  { name: 'SIGNALBOX_OIDC_ISSUER', field: 'oidcIssuer' },
  { name: 'SIGNALBOX_OIDC_CLIENT_ID', field: 'oidcClientId' },
  { name: 'SIGNALBOX_OIDC_CLIENT_SECRET', field: 'oidcClientSecret' },
  { name: 'SIGNALBOX_OIDC_LABEL', field: 'oidcLabel' },
  { name: 'SIGNALBOX_OIDC_SCOPES', field: 'oidcScopes', parse: parseList },
  { name: 'SIGNALBOX_OIDC_NAME_CLAIM', field: 'oidcNameClaim' },
  { name: 'SIGNALBOX_OIDC_ROLE_CLAIM', field: 'oidcRoleClaim' },
  { name: 'SIGNALBOX_OIDC_ROLES', field: 'oidcRoles', parse: parseRoles },
];

/** @param refusal makes the error for settings that belong together and are not all there */
export function authSettings(settings: Settings, refusal: (message: string, remedy: string) => Error): AuthSettings {
  const { sealKeys = [], oidcIssuer, oidcClientId, oidcClientSecret, publicUrl } = settings;
  if (oidcIssuer === undefined) {
    if (oidcClientId === undefined && oidcClientSecret === undefined) return { sealKeys, provider: null };
    throw refusal('SIGNALBOX_OIDC_ISSUER is not set, but a client of it is.', 'Set it too, or unset the others.');
  }
  if (oidcClientId === undefined || oidcClientSecret === undefined || publicUrl === undefined) {
    const names = ['SIGNALBOX_OIDC_CLIENT_ID', 'SIGNALBOX_OIDC_CLIENT_SECRET', 'SIGNALBOX_PUBLIC_URL'].join(', ');
    throw refusal(`SIGNALBOX_OIDC_ISSUER needs ${names}.`, 'Set them too, or unset it.');
  }
  const provider = {
    issuer: oidcIssuer,
    clientId: oidcClientId,
    clientSecret: oidcClientSecret,
    publicUrl,
    label: settings.oidcLabel ?? new URL(oidcIssuer).host,
    scopes: settings.oidcScopes ?? ['openid', 'profile', 'email'],
    nameClaim: settings.oidcNameClaim ?? 'preferred_username',
    roleClaim: settings.oidcRoleClaim ?? 'groups',
    roles: settings.oidcRoles ?? [],
  };
  return { sealKeys, provider };
}

/** What no text may show. */
export function authSecrets({ sealKeys = [], oidcClientSecret }: Settings): string[] {
  return [...sealKeys, ...(oidcClientSecret === undefined ? [] : [oidcClientSecret])];
}

function parseList(text: string): string[] {
  return wordsBetween(text, ',');
}

function parseRoles(text: string): unknown[] {
  return wordsBetween(text, ',').map((pair) => {
    const at = pair.lastIndexOf('=');
    return { group: pair.slice(0, Math.max(at, 0)).trim(), role: pair.slice(at + 1).trim() };
  });
}
