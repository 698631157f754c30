import axios from 'axios';
import type { AuthSettings } from './auth-settings.ts';

const TIMEOUT_MS = 10_000;

interface Found {
  readonly state: 'ok' | 'off';
  readonly detail: string;
}

/** Whether what makes second factors is sealed in the database. */
export async function checkSeal({ auth: { sealKeys } }: { readonly auth: AuthSettings }): Promise<Found> {
  if (sealKeys.length > 0) return { state: 'ok', detail: `second factors are sealed, ${sealKeys.length} keys` };
  return { state: 'off', detail: 'SIGNALBOX_SEAL_KEYS is not set: second factors are stored in clear' };
}

/** Whether the identity provider answers. @throws Error with a remedy where it does not */
export async function checkProvider({ auth: { provider } }: { readonly auth: AuthSettings }): Promise<Found> {
  if (provider === null) return { state: 'off', detail: 'SIGNALBOX_OIDC_ISSUER is not set: passwords alone' };
  const { issuer, label } = provider;
  try {
    const { data } = await axios.get<{ issuer?: unknown }>(`${issuer}/.well-known/openid-configuration`, {
      timeout: TIMEOUT_MS,
    });
    if (String(data.issuer).replace(/\/+$/, '') !== issuer) throw new Error(`it calls itself ${String(data.issuer)}`);
    return { state: 'ok', detail: `${label}, ${issuer}` };
  } catch (error) {
    const remedy = 'Start it, correct SIGNALBOX_OIDC_ISSUER, or unset it with what belongs to it.';
    throw Object.assign(new Error(`${issuer}: ${(error as Error).message}`), { remedy });
  }
}
