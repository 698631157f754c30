import { EVENT_TYPES } from '../../../../infra/alerts/event-types.ts';
import { BUILT_IN_RULES } from '../../../../infra/alerts/rules/built-in-rules.ts';
import type { Database } from '../../../../infra/postgres/database.ts';
import type { SteeredClock } from '../../../testing/steered-clock.ts';

/** A rule of a user's own. */
export const OWN_RULE = 'slow-decisions';

/** Every type of alert that the product has: of parts of the program, of rules that come with it, of an own rule. */
export const ALERT_KINDS: readonly string[] = [
  ...EVENT_TYPES.map(({ type }) => type),
  ...BUILT_IN_RULES.map(({ name }) => name),
  OWN_RULE,
];

/** Where something goes wrong. */
export interface CausePlace {
  readonly database: Database;
  /** Of its own; it goes with the place. */
  readonly folder: string;
  /** Names the receivers of alerts. */
  readonly env: NodeJS.ProcessEnv;
  /** The clock of services that are started here. */
  readonly clock: SteeredClock;
  /** Where programs are looked for. */
  readonly programPath: string | undefined;
  /** What is to be ended with the place, the last first. */
  readonly endings: (() => Promise<unknown>)[];
}

/** What brings an alert about. */
export interface AlertCause {
  /** In words. */
  readonly what: string;
  /** Brings up what is to go wrong; what it resolves to makes it go wrong. */
  prepare(place: CausePlace): Promise<() => unknown>;
}

/** Causes by type. */
export type AlertCauses = Readonly<Record<string, AlertCause>>;

/** How often something is looked at, in ms. */
export const LOOK_MS = 50;
