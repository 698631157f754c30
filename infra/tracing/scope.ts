import { AsyncLocalStorage } from 'node:async_hooks';

/** What is under way, and for whom: lines of the log and spans of a trace say it. */
export interface Scope {
  /** Names a request and all that it leads to, in other processes too. */
  readonly correlationId: string;
  /** The span in hand, as W3C Trace Context spells it; null while nothing is traced. */
  readonly traceparent: string | null;
}

const scopes = new AsyncLocalStorage<Scope>();

/** Does `work`, and all that it waits for, within a scope. */
export function inScope<T>(scope: Scope, work: () => T): T {
  return scopes.run(scope, work);
}

/** Null outside of any scope. */
export function currentScope(): Scope | null {
  return scopes.getStore() ?? null;
}
