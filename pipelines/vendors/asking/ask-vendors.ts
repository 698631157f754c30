import type { Random } from '../../../infra/random.ts';
import type { Sleep } from '../../../infra/sleep.ts';
import { ReconnectDelay } from '../../feeds/reconnect-delay.ts';
import { FULL_PATIENCE, type Patience } from './patience.ts';
import { VendorError } from '../vendor-error.ts';
import type { VendorGate } from './vendor-gate.ts';
import type { Vendor, VendorName } from '../vendor.ts';

/** A vendor, and whether requests to it are held back at the moment. */
export interface ManagedVendor {
  readonly vendor: Vendor;
  readonly gate: Pick<VendorGate, 'broken' | 'heldMs'>;
}

/** One question that several vendors can answer. */
export interface Question<T> {
  readonly first: VendorName;
  /** Who may be asked, in order of preference. */
  readonly candidates: readonly ManagedVendor[];
  /** Why the first choice is not among them; undefined where it is. */
  readonly passedOver?: string | undefined;
  /** With each of several candidates; a single one is asked with full patience. */
  readonly patience: Patience;
  readonly ask: (candidate: ManagedVendor, patience: Patience) => Promise<T>;
  readonly signal?: AbortSignal | undefined;
  readonly onNote?: ((note: string) => void) | undefined;
}

export interface Answer<T> {
  readonly vendor: VendorName;
  readonly value: T;
  /** Why it is not the answer of the first choice; null where it is. */
  readonly because: string | null;
}

/** Waits of 1, 2, 4, 8, 16, 32 and 60 s lie between so many rounds, or as long as all vendors are held back. */
const ROUNDS_MAX = 8;

/**
 * The first answer. Each candidate gets a short patience while there is another; where all of them failed, they are
 * asked round by round for two minutes and more. Throws VendorError that names all, or at once what asking again or
 * elsewhere cannot change.
 */
export async function askVendors<T>(
  question: Question<T>,
  { sleep, random }: { sleep: Sleep; random: Random },
): Promise<Answer<T>> {
  const { candidates, signal, onNote } = question;
  const waits = new ReconnectDelay(random);
  for (let round = 1; ; round++) {
    const failures: VendorError[] = [];
    const answer = await oneRound(question, failures);
    if (answer !== undefined) return answer;
    const heldMs = Math.min(...candidates.map(({ gate }) => gate.heldMs));
    const outOfPatience = round >= ROUNDS_MAX || heldMs > FULL_PATIENCE.retryAfterMaxMs;
    if (candidates.length === 1 || outOfPatience) throw allFailed(failures);
    const delayMs = Math.max(waits.next(), heldMs);
    onNote?.(`${allFailed(failures).message} All are asked again in ${Math.round(delayMs / 1000)} s.`);
    await sleep(delayMs, signal);
  }
}

async function oneRound<T>(question: Question<T>, failures: VendorError[]): Promise<Answer<T> | undefined> {
  const { first, candidates, ask } = question;
  const patience = candidates.length === 1 ? FULL_PATIENCE : question.patience;
  for (const candidate of heldLast(candidates)) {
    const { name } = candidate.vendor;
    try {
      const value = await ask(candidate, patience);
      const held = question.passedOver ?? `${first} is held back after failures in a row.`;
      const reasons = failures.map(({ message }) => message).join(' ');
      return { vendor: name, value, because: name === first ? null : reasons || held };
    } catch (error) {
      if (!(error instanceof VendorError && error.retryable)) throw error;
      failures.push(error);
    }
  }
  return undefined;
}

/** Vendors whose requests are held back come last: their trial is made when it is due, by the next question. */
function heldLast(candidates: readonly ManagedVendor[]): readonly ManagedVendor[] {
  return [...candidates.filter(({ gate }) => !gate.broken), ...candidates.filter(({ gate }) => gate.broken)];
}

function allFailed(failures: readonly VendorError[]): VendorError {
  const [first] = failures;
  if (failures.length === 1) return first!;
  const { kind, vendor, endpoint } = first!;
  const others = failures.slice(1).map((other) => `${other.vendor}, asked instead: ${other.detail}`);
  return new VendorError({ kind, vendor, endpoint, detail: [first!.detail, ...others].join('; ') });
}
