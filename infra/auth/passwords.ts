import { hash, verify } from '@node-rs/argon2';
import { InputError } from '../errors.ts';

const LENGTH_MIN = 12;
const LENGTH_MAX = 256;
/** argon2id (2) as OWASP has it: 19 MiB, two passes, one lane; 70 ms of one core. */
const OPTIONS = { algorithm: 2, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const;

/** @throws InputError for a password that is too short, too long, or one character again and again */
export async function hashPassword(password: string): Promise<string> {
  const length = [...password].length;
  if (length < LENGTH_MIN || length > LENGTH_MAX) {
    throw new InputError(
      `A password has ${LENGTH_MIN} to ${LENGTH_MAX} characters, this one ${length}.`,
      'Take another.',
    );
  }
  if (new Set(password).size < 4) {
    throw new InputError('That password repeats a few characters.', 'Take another, such as four words.');
  }
  return hash(password, OPTIONS);
}

/** Whether `password` is the one of `known`. Without a hash it takes as long, and is not: names are not told so. */
export async function isPassword(known: string | null, password: string): Promise<boolean> {
  const isKnown = known !== null;
  const found = await verify(known ?? (await nobodys()), password.slice(0, LENGTH_MAX + 1), OPTIONS);
  return isKnown && found;
}

let nobody: Promise<string> | null = null;

function nobodys(): Promise<string> {
  return (nobody ??= hash('the password of nobody at all', OPTIONS));
}
