import { randomBytes } from 'node:crypto';
import { generateSecret, verify } from 'otplib';
import { appendAudit, type Actor } from '../../audit/audit-store.ts';
import type { Clock } from '../../clock.ts';
import { InputError } from '../../errors.ts';
import type { Database } from '../../postgres/database.ts';
import { hashOfSecret } from '../secrets.ts';
import type { Seal } from './seal.ts';
import {
  beginFactor,
  confirmFactor,
  factorOf,
  recoveryCodesLeft,
  removeFactor,
  replaceRecoveryCodes,
  storeAgain,
  takeStep,
  useRecoveryCode,
} from './second-factor-store.ts';

/** Name that authenticator apps show. */
export const ISSUER = 'Signalbox';
/** A code of the step before and of the step after is taken: clocks of phones differ. */
const TOLERANCE_SECONDS = 30;
const RECOVERY_CODES = 10;
/** 80 bits: nobody finds one from its hash. */
const RECOVERY_BYTES = 10;
const BASE_32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

interface FactorOptions {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly seal: Seal;
  readonly clock: Clock;
}

/** Whose second factor it is. */
interface Whose {
  readonly id: number;
  readonly name: string;
}

/** How a user's second factor stands. */
export interface FactorState {
  readonly enrolled: boolean;
  readonly since: Date | null;
  readonly recoveryCodesLeft: number;
  /** Whether what makes its codes is sealed in the database; null where there is none. */
  readonly sealed: boolean | null;
}

type Client = Parameters<Parameters<Database['transaction']>[0]>[0];

/** Codes of authenticator apps (TOTP, RFC 6238), and recovery codes for whoever has lost theirs. */
export class SecondFactors {
  readonly #options: FactorOptions;

  constructor(options: FactorOptions) {
    this.#options = options;
  }

  /** How the second factor of a user stands. */
  async stateOf(user: number): Promise<FactorState> {
    const { pool } = this.#options.database;
    const found = await factorOf(pool, user);
    if (found === undefined || found.confirmedAt === null) {
      return { enrolled: false, since: null, recoveryCodesLeft: 0, sealed: null };
    }
    const left = await recoveryCodesLeft(pool, user);
    const sealed = found.secret.startsWith('sealed:');
    return { enrolled: true, since: found.confirmedAt, recoveryCodesLeft: left, sealed };
  }

  async isEnrolled(user: number): Promise<boolean> {
    return ((await factorOf(this.#options.database.pool, user))?.confirmedAt ?? null) !== null;
  }

  /** Makes what an app is set up with, shown once. It counts after `confirm`. @throws InputError where one counts */
  async begin({ id }: Whose): Promise<{ readonly setupKey: string; readonly sealed: boolean }> {
    const { database, seal } = this.#options;
    const setupKey = generateSecret();
    const stored = seal.seal(setupKey, placeOf(id));
    if (!(await beginFactor(database.pool, id, stored, this.#now()))) {
      throw new InputError('You have a second factor.', 'Remove it first, with a code of it.');
    }
    return { setupKey, sealed: seal.seals };
  }

  /** Takes the first code: from then on sign-ins ask for one. Returns recovery codes, shown once; null: wrong code. */
  async confirm(user: Whose, code: string): Promise<readonly string[] | null> {
    const { database } = this.#options;
    const found = await factorOf(database.pool, user.id);
    if (found === undefined) throw new InputError('No second factor was begun.', 'Begin one, and scan what it shows.');
    if (found.confirmedAt !== null)
      throw new InputError('Your second factor counts already.', 'Nothing is to be done.');
    return database.transaction(async (client) => {
      if (!(await this.#takesCode(client, user.id, code))) return null;
      await confirmFactor(client, user.id, this.#now());
      return this.#newCodes(client, user, 'second-factor-enrol');
    });
  }

  /** Whether `code` is one of the app, or a recovery code, neither used before: then it is used. */
  async take(user: Whose, code: string): Promise<boolean> {
    return this.#options.database.transaction((client) => this.#takesAny(client, user, code));
  }

  /** Makes other recovery codes in place of all there are, for a code; null: wrong code. */
  async renewCodes(user: Whose, code: string): Promise<readonly string[] | null> {
    return this.#options.database.transaction(async (client) => {
      if (!(await this.#takesAny(client, user, code))) return null;
      return this.#newCodes(client, user, 'recovery-codes-renew');
    });
  }

  /** Forgets the second factor of whoever gives a code of it; false: wrong code. */
  async remove(user: Whose, code: string): Promise<boolean> {
    return this.#options.database.transaction(async (client) => {
      if (!(await this.#takesAny(client, user, code))) return false;
      await removeFactor(client, user.id);
      await appendAudit(client, [noteOf({ kind: 'operator', name: user.name }, 'second-factor-remove', {})]);
      return true;
    });
  }

  async #takesAny(client: Client, user: Whose, code: string): Promise<boolean> {
    if (((await factorOf(client, user.id))?.confirmedAt ?? null) === null) return false;
    if (/^\d{6}$/.test(code)) return this.#takesCode(client, user.id, code);
    if (!(await useRecoveryCode(client, user.id, hashOfSecret(plainCode(code)), this.#now()))) return false;
    const left = await recoveryCodesLeft(client, user.id);
    await appendAudit(client, [noteOf({ kind: 'operator', name: user.name }, 'recovery-code-used', { left })]);
    return true;
  }

  async #takesCode(client: Client, user: number, code: string): Promise<boolean> {
    const { clock, seal } = this.#options;
    const found = await factorOf(client, user);
    if (found === undefined || !/^\d{6}$/.test(code)) return false;
    const secret = seal.open(found.secret, placeOf(user));
    const epoch = Math.floor(clock() / 1_000);
    const result = await verify({ secret, token: code, epoch, epochTolerance: TOLERANCE_SECONDS });
    if (!result.valid || !('timeStep' in result)) return false;
    // Of two who give the same code at once the second finds it taken.
    if (!(await takeStep(client, user, result.timeStep))) return false;
    if (!seal.isCurrent(found.secret)) {
      await storeAgain(client, user, found.secret, seal.seal(secret, placeOf(user)));
    }
    return true;
  }

  async #newCodes(client: Client, user: Whose, action: string): Promise<readonly string[]> {
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    await replaceRecoveryCodes(
      client,
      user.id,
      codes.map((one) => hashOfSecret(plainCode(one))),
    );
    await appendAudit(client, [noteOf({ kind: 'operator', name: user.name }, action, { codes: codes.length })]);
    return codes;
  }

  #now(): Date {
    return new Date(this.#options.clock());
  }
}

/** Where a user's secret stands: it opens nowhere else. */
function placeOf(user: number): string {
  return `second-factor ${user}`;
}

function noteOf(actor: Actor, action: string, details: Readonly<Record<string, unknown>>) {
  return { actor, action, sessionId: null, reason: '', details };
}

function newRecoveryCode(): string {
  const bits = BigInt(`0x${randomBytes(RECOVERY_BYTES).toString('hex')}`);
  const letters = Array.from({ length: 16 }, (_, n) => BASE_32[Number((bits >> BigInt(5 * n)) & 31n)]!).join('');
  return letters.replace(/(.{4})(?=.)/g, '$1-');
}

/** A recovery code however somebody has typed it. */
function plainCode(code: string): string {
  return code.toUpperCase().replace(/[^A-Z2-7]/g, '');
}
