import type { BarColumns } from '../../features/bar.ts';
import type { Costs } from '../brokers/simulated/cost-model.ts';
import type { HealthOptions } from './health/session-health.ts';
import type { SessionOptions } from './historical-session.ts';
import type { LiveTail } from './live-bars.ts';
import type { SessionDefinition } from './session-store.ts';
import type { VenuePlan } from './venue/venue-plan.ts';

/** A session of an experiment, ready to be run over its bars as if they arrived now, and over what comes after them. */
export interface Replay {
  readonly options: SessionOptions;
  readonly bars: readonly BarColumns[];
  readonly session: SessionDefinition;
  readonly live?: LiveTail;
  /** What executions cost at a simulated broker. */
  readonly costs?: Costs | undefined;
  /** Closes between two states that are stored, at the least; see `runPaperSession`. */
  readonly keepEvery?: number | undefined;
  /** The venue at which it trades; absent where it is simulated. */
  readonly venue?: VenuePlan | undefined;
  /** Records what runs beside it and is never traded. */
  readonly shadows?: { flush(): Promise<void> } | undefined;
  /** How it is watched over; as patiently as usual where absent. */
  readonly health?: Pick<HealthOptions, 'patience' | 'delivery'> | undefined;
  /** A venue whose account is looked at, and where nothing is traded. */
  readonly beside?: VenuePlan | undefined;
}

/** What a paper session is asked for with. */
export interface PaperOptions {
  readonly speed: string;
  readonly session?: string;
  readonly feed?: string;
  readonly broker: string;
  readonly foreign?: string;
  /** Of futures. */
  readonly leverage?: string;
  readonly marginMode?: string;
  readonly mode?: string;
  readonly shadow?: readonly string[];
  /** Of a live session. */
  readonly account?: string;
  readonly vendor?: string;
  readonly realJumps?: boolean;
  readonly deadline?: string;
  /** In place of what the experiment trades: a rule by its name, or a file, and parameters as `key=value`. */
  readonly strategy?: string;
  readonly set?: readonly string[];
  /** Where metrics and health are served. */
  readonly metricsPort?: string;
}
