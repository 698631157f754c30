import { basename } from 'node:path';
import { hashOf } from '../../../infra/hash.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { dataHash } from '../../../pipelines/bars/bar-fingerprint.ts';
import { namedStrategy } from '../../../trading/strategies/own/named-strategy.ts';
import { keepTrials, readTrials, type Trial } from '../../judgement/trial-store.ts';
import { z } from 'zod';
import type { RuleTrial, TradedRules, TrialFigures } from './rule-trial.ts';
import { runTrials } from './run-trials.ts';
import type { RunTrials } from './rule-search.ts';
import type { RuleParameters } from './trials-on-thread.ts';

/** Stored beside the record of a trial, so that it need not be run again. */
const storedSchema = z.object({
  version: z.literal(1),
  figures: z.custom<TrialFigures>((value) => typeof value === 'object' && value !== null),
  journalHash: z.string(),
});

export interface CountedTrials {
  readonly strategy: string;
  readonly rules: TradedRules;
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

/** Identity of a trial: everything that decides what it does, but the data. */
function trialHashOf(strategy: string, rules: TradedRules, parameters: RuleParameters): string {
  const { name, parameters: resolved, fileHash } = namedStrategy(strategy, parameters);
  const { actions = null } = rules;
  // A file is its text, wherever it lies.
  const made = fileHash === undefined ? { strategy } : { strategy: name, file: fileHash };
  return hashOf({ kind: 'rule trial', ...made, parameters: resolved, ...tradingOf(rules), actions });
}

/** Hashes of finer bars: one set serves every trial. */
const fineHashes = new WeakMap<object, string>();

/** How rules trade, beside the data: of finer bars, which are no columns of it, the hash alone. */
export function tradingOf({ bars: _bars, actions: _actions, fine, ...settings }: TradedRules): object {
  if (fine === undefined) return settings;
  const hash = fineHashes.get(fine) ?? dataHash(fine.filter((one) => one !== undefined));
  fineHashes.set(fine, hash);
  return { ...settings, fine: hash };
}

/** What a trial of rules is recorded as. The dot keeps its name apart from those of experiments. */
function recordedTrial(
  { strategy, rules, dataHash: data }: Pick<CountedTrials, 'strategy' | 'rules' | 'dataHash'>,
  hash: string,
  { record, figures, journalHash }: RuleTrial,
): Trial {
  const symbols = rules.bars.map(({ symbol }) => symbol);
  const stored = { version: 1, figures, journalHash };
  const name = `${basename(strategy, '.ts')}.rules`;
  return { ...record, dataHash: data, experimentHash: hash, experimentName: name, symbols, figures: stored };
}

/**
 * Runs trials on all cores and records every one as it ends its round, also where the work is stopped: what is done is
 * not done again, and counts. Trials that were recorded before are read.
 */
export function countedRun(options: CountedTrials): RunTrials {
  const { strategy, rules, database, threads, signal, onDone } = options;
  return async (parameters) => {
    const hashes = parameters.map((one) => trialHashOf(strategy, rules, one));
    const found =
      database === null ? new Map<string, RuleTrial>() : await foundTrials(database, options.dataHash, hashes);
    const outcomes = hashes.map((hash) => found.get(hash));
    onDone?.(outcomes.filter((one) => one !== undefined).length);
    const open = [...outcomes.keys()].filter((at) => outcomes[at] === undefined);
    const fresh: Trial[] = [];
    try {
      await runTrials<RuleTrial>(
        { strategy, rules, parameters: open.map((at) => parameters[at]!), work: 'measure' },
        {
          threads,
          signal,
          onTrial: ({ trial, outcome }) => {
            const at = open[trial]!;
            outcomes[at] = outcome;
            fresh.push(recordedTrial(options, hashes[at]!, outcome));
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
  counted: Pick<CountedTrials, 'strategy' | 'rules' | 'dataHash' | 'database'>,
  trials: readonly TriedRule[],
): Promise<Trial[]> {
  const { strategy, rules, database } = counted;
  const hashes = trials.map(({ parameters }) => trialHashOf(strategy, rules, parameters));
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
