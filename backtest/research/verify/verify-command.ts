import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { parseAssignments } from '../../../models/experiment/limits/assignments.ts';
import { verifyFile, type VerifiedFile, type VerifiedRule } from './verify-file.ts';

/** Options of `verify`. */
export interface VerifyOptions {
  readonly set: string[];
}

/** `verify FILE.ts`: exit code 1 where the file breaks a rule of its kind's contract. */
export async function verifyCommand(
  { progress }: Pick<CommandContext, 'progress'>,
  { set }: VerifyOptions,
  path: string,
): Promise<CommandOutput> {
  const given = parseAssignments(set, '--set');
  const stage = progress.stage(`verify ${path}`);
  const verified = await verifyFile(path, given, () => stage.advance());
  const broken = verified.rules.filter(({ held }) => !held).length;
  stage.done(`${broken} of ${verified.rules.length} rules broken`);
  return { value: verified, text: () => verifiedText(verified), exitCode: verified.held ? 0 : 1 };
}

function verifiedText({ file, kind, rules, held }: VerifiedFile): string {
  const broken = rules.filter((rule) => !rule.held).length;
  const head = held
    ? `${file} keeps the contract of ${NOUNS[kind]}: ${rules.length} rules.`
    : `${file} breaks ${broken} of ${rules.length} rules of ${NOUNS[kind]}.`;
  return [head, ...rules.flatMap(ruleLines)].join('\n');
}

const NOUNS = {
  strategy: 'a strategy',
  feature: 'a feature',
  estimator: 'an estimator',
  costs: 'a cost model',
  sizer: 'a sizer',
} as const;

function ruleLines({ rule, held, tried, broken }: VerifiedRule): string[] {
  const word = held ? 'held  ' : tried ? 'broken' : 'idle  ';
  return [`  ${word}  ${rule}`, ...broken.map((words) => `            ${words}`)];
}
