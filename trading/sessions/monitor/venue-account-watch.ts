import type { Clock } from '../../../infra/clock.ts';
import { SignalboxError } from '../../../infra/errors.ts';
import type { Sleep } from '../../../infra/sleep.ts';
import type { VenueBroker } from '../../brokers/venue/venue-broker.ts';
import type { VenueWord } from './account-store.ts';

/** Two requests each time: 4 a minute of the venue's 200. */
const EVERY_MS = 30_000;

/**
 * Asks a venue for the account now and then and records what it says, until `signal` is aborted. An answer that fails
 * is said once, and leaves what was recorded before: it is dated.
 */
export async function watchVenueAccount(options: {
  readonly broker: Pick<VenueBroker, 'name' | 'account' | 'positions'>;
  readonly note: (word: VenueWord, atMs: number) => Promise<void>;
  readonly say: (text: string) => void;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { broker, note, say, clock, sleep, signal } = options;
  let isSilent = false;
  while (!signal.aborted) {
    try {
      const atMs = clock();
      const [account, positions] = [await broker.account(), await broker.positions()];
      await note({ venue: broker.name, account, positions }, atMs);
      if (isSilent) say(`${broker.name}: the account can be read again`);
      isSilent = false;
    } catch (error) {
      if (!(error instanceof SignalboxError)) throw error;
      if (!isSilent && !signal.aborted) say(`${broker.name}: the account cannot be read: ${error.message}`);
      isSilent = true;
    }
    try {
      await sleep(EVERY_MS, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
