import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { InputError } from '../../errors.ts';
import { damaged } from './backup-archive.ts';

/**
 * Backups that nobody reads without a key, in the format of `age` (age-encryption.org/v1): sealed for recipients, whose
 * keys are no secret, and opened by an identity, which is one. What seals need not be able to open.
 */

/** How a sealed file begins. */
const MAGIC = Buffer.from('age-encryption.org/v1\n');

export interface KeyPair {
  readonly recipient: string;
  readonly identity: string;
}

export async function newKeyPair(): Promise<KeyPair> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

type Pieces = AsyncIterable<Uint8Array>;

/**
 * Seals bytes so that one of `recipients` alone can read them. A reader that gives up ends what brings them.
 * @throws InputError for a recipient that is none, before anything is read
 */
export function sealFor(recipients: readonly string[]): (bytes: Readable) => AsyncGenerator<Uint8Array> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (error) {
      const remedy = 'Correct SIGNALBOX_BACKUP_RECIPIENTS; signalbox db key FILE makes a pair.';
      throw new InputError(`${recipient} is no key that a backup can be sealed for.`, remedy, error);
    }
  }
  return async function* (bytes) {
    try {
      yield* (await encrypter.encrypt(Readable.toWeb(bytes) as never)) as unknown as Pieces;
    } finally {
      bytes.destroy();
    }
  };
}

/** A backup file that is being read, once: it may be a pipe. */
export interface OpenedBackup {
  readonly sealed: boolean;
  /** In clear. */
  readonly bytes: Pieces;
}

/**
 * Opens a backup file, sealed or not. @throws InputError where it is sealed and `identity` is none or of another
 * recipient; what was changed or cut off is met while it is read
 */
export async function openBackup(file: string, identity: string | null): Promise<OpenedBackup> {
  const raw = createReadStream(file);
  const pieces = raw[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let head: Buffer = Buffer.alloc(0);
  while (head.length < MAGIC.length) {
    const next = await pieces.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = Readable.from(joined(head, pieces), { objectMode: false });
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) return { sealed: false, bytes: whole };
  try {
    return { sealed: true, bytes: await opened(whole, file, identity) };
  } catch (error) {
    raw.destroy();
    throw error;
  }
}

async function* joined(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function opened(bytes: Readable, file: string, identity: string | null): Promise<Pieces> {
  if (identity === null) {
    throw new InputError(`${file} is sealed, and there is no key to open it.`, 'Set SIGNALBOX_BACKUP_IDENTITY.');
  }
  const decrypter = new Decrypter();
  try {
    decrypter.addIdentity(identity);
  } catch (error) {
    throw new InputError('SIGNALBOX_BACKUP_IDENTITY is no key.', 'Take it whole from the file that holds it.', error);
  }
  let clear: ReadableStream<Uint8Array>;
  try {
    clear = (await decrypter.decrypt(Readable.toWeb(bytes) as never)) as unknown as ReadableStream<Uint8Array>;
  } catch (error) {
    if (!/no identity matched/.test((error as Error).message)) throw damaged(file, 'its seal is damaged', error);
    const remedy = 'Set SIGNALBOX_BACKUP_IDENTITY to the identity of one of its recipients.';
    throw new InputError(`${file} is sealed for another key.`, remedy, error);
  }
  return unchanged(clear, file);
}

async function* unchanged(clear: Pieces, file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* clear;
  } catch (error) {
    throw damaged(file, 'what is sealed was changed or cut off', error);
  }
}
