import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { SignalboxError } from '../../errors.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CLEAR = 'clear:';

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * Seals secrets that are stored (AES-256-GCM), bound to the place where they stand: moved to another row, none opens.
 * The first key seals, every key opens. Without a key they are stored in clear, and say so.
 */
export class Seal {
  readonly #keys: readonly Key[];

  /** @param keys of 32 bytes each, in base64 */
  constructor(keys: readonly string[]) {
    this.#keys = keys.map((text) => {
      const bytes = Buffer.from(text, 'base64');
      return { bytes, id: createHash('sha256').update(bytes).digest('hex').slice(0, 8) };
    });
  }

  /** Whether what is stored from now on is sealed. */
  get seals(): boolean {
    return this.#keys.length > 0;
  }

  /** `secret` as it is stored at `place`. */
  seal(secret: string, place: string): string {
    const [key] = this.#keys;
    if (key === undefined) return CLEAR + secret;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `sealed:${key.id}:${sealed.toString('base64')}`;
  }

  /** Whether `stored` is as it would be stored now. */
  isCurrent(stored: string): boolean {
    return stored.startsWith(this.seals ? `sealed:${this.#keys[0]!.id}:` : CLEAR);
  }

  /** @throws SignalboxError where its key is not at hand, or it was changed or moved */
  open(stored: string, place: string): string {
    if (stored.startsWith(CLEAR)) return stored.slice(CLEAR.length);
    const [, id, text = ''] = stored.split(':');
    const key = this.#keys.find((one) => one.id === id);
    if (key === undefined) throw cannotOpen('its key is not among those of this process');
    const bytes = Buffer.from(text, 'base64');
    const [nonce, tag] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(-TAG_BYTES)];
    try {
      const cipher = createDecipheriv('aes-256-gcm', key.bytes, nonce).setAAD(Buffer.from(place)).setAuthTag(tag);
      return cipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + cipher.final('utf8');
    } catch {
      throw cannotOpen('it was changed, or stands where it was not stored');
    }
  }
}

function cannotOpen(why: string): SignalboxError {
  return new SignalboxError(`A secret of the database cannot be opened: ${why}.`, {
    remedy: 'Name the key that sealed it in SIGNALBOX_SEAL_KEYS too, or reset the second factor of the user.',
  });
}
