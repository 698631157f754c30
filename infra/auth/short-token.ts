import { errors, jwtVerify, SignJWT } from 'jose';

/** How long a browser's token is good for; a new one comes with each refresh. */
export const SHORT_TOKEN_SECONDS = 15 * 60;

const ISSUER = 'signalbox';

/** What a short token says: whose it is, and of which sign-in. */
export interface ShortToken {
  readonly user: number;
  readonly signIn: number;
}

export async function signShortToken(secret: Uint8Array, { user, signIn }: ShortToken, nowMs: number): Promise<string> {
  const seconds = Math.floor(nowMs / 1_000);
  return new SignJWT({ sid: signIn })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(ISSUER)
    .setSubject(String(user))
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + SHORT_TOKEN_SECONDS)
    .sign(secret);
}

/** What a token says, and when it ends; null where it is not ours, was changed or has expired. */
export async function readShortToken(
  secret: Uint8Array,
  token: string,
  nowMs: number,
): Promise<(ShortToken & { readonly expiresMs: number }) | null> {
  try {
    const options = { algorithms: ['HS256'], issuer: ISSUER, audience: ISSUER, currentDate: new Date(nowMs) };
    const { payload } = await jwtVerify(token, secret, { ...options, requiredClaims: ['sub', 'exp', 'sid'] });
    const [user, signIn] = [Number(payload.sub), Number(payload['sid'])];
    if (!Number.isSafeInteger(user) || !Number.isSafeInteger(signIn)) return null;
    return { user, signIn, expiresMs: payload.exp! * 1_000 };
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
