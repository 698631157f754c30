import { InputError, SignalboxError } from '../../../infra/errors.ts';
import { compileOwnFile } from '../../../infra/own-files/compile-own-file.ts';
import type { CompiledOwnFile, OwnKind, ParameterValue } from '../../../infra/own-files/own-file.ts';
import { isSilence } from '../../../infra/own-files/silent-code-error.ts';
import { ownPart } from '../../../models/experiment/own-file-schema.ts';
import { costsRules } from './costs-rules.ts';
import { estimatorRules } from './estimator-rules.ts';
import { featureRules } from './feature-rules.ts';
import { kindOfFile } from './kind-of-file.ts';
import type { OwnRule } from './own-rule.ts';
import { sizerRules } from './sizer-rules.ts';
import { strategyRules } from './strategy-rules.ts';

/** What became of one rule; `tried` is false where an earlier one made it idle to try. */
export interface VerifiedRule {
  readonly rule: string;
  readonly held: boolean;
  readonly tried: boolean;
  /** Each with its place; empty where the rule held. */
  readonly broken: readonly string[];
}

/** A user's file held against the contract of its kind. */
export interface VerifiedFile {
  readonly file: string;
  readonly kind: OwnKind;
  /** Of its text; null where it does not compile. */
  readonly hash: string | null;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly held: boolean;
  readonly rules: readonly VerifiedRule[];
}

type RulesOf = (code: CompiledOwnFile, parameters: Readonly<Record<string, ParameterValue>>) => readonly OwnRule[];

const RULES: Readonly<Record<OwnKind, RulesOf>> = {
  strategy: strategyRules,
  feature: featureRules,
  estimator: estimatorRules,
  costs: costsRules,
  sizer: sizerRules,
};

const TYPES = 'its types and its code are those of its kind';
const PARAMETERS = 'its parameters have defaults within their bounds';
/** Sentences that are told of one rule. */
const TOLD = 10;

/**
 * Holds a user's file against each rule of its kind's contract.
 * @param onRule told of each rule as it is done
 * @throws InputError where there is no such file, where it does not say what it is for, or for a parameter that was
 *   given
 */
export async function verifyFile(
  path: string,
  given: Readonly<Record<string, unknown>>,
  onRule: (rule: VerifiedRule) => void = () => undefined,
): Promise<VerifiedFile> {
  const kind = kindOfFile(path);
  const rules: VerifiedRule[] = [];
  const keep = (rule: VerifiedRule): void => {
    rules.push(rule);
    onRule(rule);
  };
  const done = (hash: string | null, parameters: VerifiedFile['parameters']): VerifiedFile => ({
    ...{ file: path, kind, hash, parameters },
    held: rules.every(({ held }) => held),
    rules,
  });
  let code: CompiledOwnFile | undefined;
  keep(await tried({ says: TYPES, broken: () => ((code = compileOwnFile(path, kind)), []) }));
  if (code === undefined) return done(null, {});
  let parameters: VerifiedFile['parameters'] | undefined;
  keep(await tried({ says: PARAMETERS, broken: () => ((parameters = ownPart(kind, path).parameters), []) }));
  if (parameters === undefined) return done(code.hash, {});
  parameters = ownPart(kind, path, given).parameters;
  let silent = false;
  for (const rule of RULES[kind](code, parameters)) {
    if (silent) keep({ rule: rule.says, held: false, tried: false, broken: [] });
    else keep(await tried(rule, () => (silent = true)));
  }
  return done(code.hash, parameters);
}

async function tried({ says, broken }: OwnRule, onSilence: () => void = () => undefined): Promise<VerifiedRule> {
  let found: readonly string[];
  try {
    found = await broken();
  } catch (error) {
    // A mistake of the file, in words that name its place; anything else is one of this program.
    if (!(error instanceof SignalboxError)) throw error;
    if (isSilence(error)) onSilence();
    found = error instanceof InputError ? error.message.split('\n') : [error.message];
  }
  const more = found.length > TOLD ? [`and ${found.length - TOLD} more`] : [];
  return { rule: says, held: found.length === 0, tried: true, broken: [...found.slice(0, TOLD), ...more] };
}
