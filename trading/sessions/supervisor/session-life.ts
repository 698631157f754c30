import type pg from 'pg';
import { appendAudit, type Actor } from '../../../infra/audit/audit-store.ts';
import { hashOf } from '../../../infra/hash.ts';
import type { SessionDefinition } from '../session-store.ts';

/** Puts in the audit who runs a session, in which mode, and how its process ends. */
export class SessionLife {
  readonly #client: Pick<pg.ClientBase, 'query'>;
  readonly #actor: Actor;
  readonly #session: SessionDefinition;

  constructor(client: Pick<pg.ClientBase, 'query'>, actor: Actor, session: SessionDefinition) {
    this.#client = client;
    this.#actor = actor;
    this.#session = session;
  }

  /** @param at its limits, and broker and account of a session at a venue */
  began(
    isNew: boolean,
    at: { readonly limits: object; readonly broker?: string; readonly account?: string },
  ): Promise<void> {
    const { kind, symbols, capital, definition, experiment } = this.#session;
    const hash = hashOf({ kind, symbols, capital, definition });
    const details = { mode: kind, experiment, definition: hash, ...at };
    return this.#note(isNew ? 'session-start' : 'session-restart', '', details);
  }

  ended(action: 'session-end' | 'session-stop', journalHash: string): Promise<void> {
    return this.#note(action, '', { journalHash });
  }

  /** What ended the process is what is told: that the audit cannot be reached either adds nothing. */
  async failed(error: Error): Promise<void> {
    await this.#note('session-failed', error.message, {}).catch(() => undefined);
  }

  #note(action: string, reason: string, details: Readonly<Record<string, unknown>>): Promise<void> {
    return appendAudit(this.#client, [{ actor: this.#actor, action, sessionId: this.#session.id, reason, details }]);
  }
}
