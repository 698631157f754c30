import type { Database } from '../../../infra/postgres/database.ts';
import { keepTrials, readTrials, type Trial } from '../../judgement/trial-store.ts';
import { z } from 'zod';
import type { RuleTrial, TrialFigures } from './rule-trial.ts';
import { barsOf, recordedNameOf, trialHashOf, type Searched } from './searched.ts';
import { runTrials } from './run-trials.ts';
import type { RunTrials } from './rule-search.ts';
import type { RuleParameters } from './rule-trial.ts';

/** Stored beside the record of a trial, so that it need not be run again. */
const storedSchema = z.object({
  version: z.literal(1),
  figures: z.custom<TrialFigures>((value) => typeof value === 'object' && value !== null),
  journalHash: z.string(),
});

export interface CountedTrials {
  readonly searched: Searched;
  readonly dataHash: string;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  /** Where trials are recorded and found again; null keeps them in memory alone. */
  readonly database: Pick<Database, 'transaction' | 'pool'> | null;
  readonly onDone?: ((trials: number) => void) | undefined;
}

/** A set of parameters and what it showed. */
export interface TriedRule {
  readonly parameters: RuleParameters;
  readonly trial: RuleTrial;
}

/** What a trial of rules is recorded as. */
function recordedTrial(
  { searched, dataHash: data }: Pick<CountedTrials, 'searched' | 'dataHash'>,
  hash: string,
  { record, figures, journalHash }: RuleTrial,
): Trial {
  const symbols = barsOf(searched).map(({ symbol }) => symbol);
  const stored = { version: 1, figures, journalHash };
  const name = recordedNameOf(searched);
  return { ...record, dataHash: data, experimentHash: hash, experimentName: name, symbols, figures: stored };
}

/**
 * Runs trials on all cores and records every one as it ends its round, also where the work is stopped: what is done is
 * not done again, and counts. Trials that were recorded before are read.
 */
export function countedRun(options: CountedTrials): RunTrials {
  const { searched, database, threads, signal, onDone } = options;
  return async (parameters) => {
    // Who a trial is takes as long as a thirtieth of a short one: nobody asks where nothing is recorded.
    const hashes = database === null ? [] : parameters.map((one) => trialHashOf(searched, one));
    const found =
      database === null ? new Map<string, RuleTrial>() : await foundTrials(database, options.dataHash, hashes);
    const outcomes = parameters.map((_, at) => found.get(hashes[at] ?? ''));
    onDone?.(outcomes.filter((one) => one !== undefined).length);
    const open = [...outcomes.keys()].filter((at) => outcomes[at] === undefined);
    const fresh: Trial[] = [];
    try {
      await runTrials<RuleTrial>(
        { searched, parameters: open.map((at) => parameters[at]!), work: 'measure' },
        {
          threads,
          signal,
          onTrial: ({ trial, outcome }) => {
            const at = open[trial]!;
            outcomes[at] = outcome;
            if (database !== null) fresh.push(recordedTrial(options, hashes[at]!, outcome));
            onDone?.(1);
          },
        },
      );
    } finally {
      if (database !== null) await keepTrials(database, fresh);
    }
    return outcomes.map((one) => one!);
  };
}

/**
 * What trials over parts of the data are recorded as under the whole of it: without figures, since theirs are of the
 * part. Configurations that are recorded already count once and keep their record.
 */
export async function unrecordedTrials(
  counted: Pick<CountedTrials, 'searched' | 'dataHash' | 'database'>,
  trials: readonly TriedRule[],
): Promise<Trial[]> {
  const { searched, database } = counted;
  const hashes = trials.map(({ parameters }) => trialHashOf(searched, parameters));
  const known =
    database === null ? new Map<string, RuleTrial>() : await foundTrials(database, counted.dataHash, hashes);
  return trials.flatMap(({ trial }, at) => {
    const { figures: _figures, ...record } = recordedTrial(counted, hashes[at]!, trial);
    return known.has(hashes[at]!) ? [] : [record];
  });
}

async function foundTrials(
  database: Pick<Database, 'pool'>,
  data: string,
  hashes: readonly string[],
): Promise<Map<string, RuleTrial>> {
  const stored = await readTrials(database, data, hashes);
  return new Map(
    stored.flatMap(({ experimentHash, figures: kept, timeMs, returns, excessReturns }) => {
      const parsed = storedSchema.safeParse(kept);
      if (!parsed.success) return [];
      const { figures, journalHash } = parsed.data;
      return [[experimentHash, { figures, journalHash, record: { timeMs, returns, excessReturns } }]];
    }),
  );
}
