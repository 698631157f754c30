import type { Authenticator } from './authenticator.ts';
import type { Identity } from './identity.ts';
import { newSecret } from './secrets.ts';

/** What says who presents a token. */
export type Identifies = Pick<Authenticator, 'identify' | 'known'>;

/**
 * Tokens for the service's own requests to itself, each good for as long as it is lent. They are nowhere but in the
 * memory of the process.
 */
export class LentTokens {
  readonly #authenticator: Identifies;
  readonly #lent = new Map<string, Identity>();

  constructor(authenticator: Identifies) {
    this.#authenticator = authenticator;
  }

  /** Does `work` with a token by which it is `identity`. */
  async during<T>(identity: Identity, work: (token: string) => Promise<T>): Promise<T> {
    const token = newSecret('sbi_');
    this.#lent.set(token, identity);
    try {
      return await work(token);
    } finally {
      this.#lent.delete(token);
    }
  }

  /** Who presents a token that is lent, or was looked up a moment ago; null where it has to be. */
  known(token: string): Identity | null {
    return this.#lent.get(token) ?? this.#authenticator.known(token);
  }

  /** Who presents a token, lent or not. */
  async identify(token: string): Promise<Identity | null> {
    return this.#lent.get(token) ?? this.#authenticator.identify(token);
  }
}
