import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';

/** How long a browser's token is good for; a new one comes with each refresh. */
export const SHORT_TOKEN_SECONDS = 15 * 60;

const ISSUER = 'signalbox';
/** A ticket is no token: nothing else takes it. */
const SECOND_STEP = 'signalbox-second-step';
const TICKET_SECONDS = 5 * 60;

/** What a short token says: whose it is, and of which sign-in. */
export interface ShortToken {
  readonly user: number;
  readonly signIn: number;
}

export async function signShortToken(secret: Uint8Array, { user, signIn }: ShortToken, nowMs: number): Promise<string> {
  return signClaims(
    secret,
    { sid: signIn, sub: String(user) },
    { audience: ISSUER, seconds: SHORT_TOKEN_SECONDS, nowMs },
  );
}

/** What a token says, and when it ends; null where it is not ours, was changed or has expired. */
export async function readShortToken(
  secret: Uint8Array,
  token: string,
  nowMs: number,
): Promise<(ShortToken & { readonly expiresMs: number }) | null> {
  const payload = await claimsOf(secret, token, { audience: ISSUER, needed: ['sub', 'exp', 'sid'], nowMs });
  const [user, signIn] = [Number(payload?.sub), Number(payload?.['sid'])];
  if (payload === null || !Number.isSafeInteger(user) || !Number.isSafeInteger(signIn)) return null;
  return { user, signIn, expiresMs: payload.exp! * 1_000 };
}

/** Whoever has shown a first proof, and how, and is to show a second. */
export interface Ticket {
  readonly user: number;
  readonly how: string;
}

/** A ticket for the second step of a sign-in, good for five minutes. */
export async function signTicket(secret: Uint8Array, { user, how }: Ticket, nowMs: number): Promise<string> {
  return signClaims(secret, { how, sub: String(user) }, { audience: SECOND_STEP, seconds: TICKET_SECONDS, nowMs });
}

/** What a ticket says; null where it is not ours, was changed or has expired. */
export async function readTicket(secret: Uint8Array, ticket: string, nowMs: number): Promise<Ticket | null> {
  const payload = await claimsOf(secret, ticket, { audience: SECOND_STEP, needed: ['sub', 'exp', 'how'], nowMs });
  return payload === null ? null : { user: Number(payload.sub), how: String(payload['how']) };
}

/** Signs what is said to one audience and to no other, for so long. */
export async function signClaims(
  secret: Uint8Array,
  claims: JWTPayload,
  { audience, seconds, nowMs }: { audience: string; seconds: number; nowMs: number },
): Promise<string> {
  const now = Math.floor(nowMs / 1_000);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + seconds)
    .sign(secret);
}

/** What was signed for an audience; null where it is not ours, was changed, has expired or says too little. */
export async function claimsOf(
  secret: Uint8Array,
  token: string,
  { audience, needed, nowMs }: { audience: string; needed: string[]; nowMs: number },
): Promise<JWTPayload | null> {
  try {
    const options = { algorithms: ['HS256'], issuer: ISSUER, audience, currentDate: new Date(nowMs) };
    return (await jwtVerify(token, secret, { ...options, requiredClaims: needed })).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
