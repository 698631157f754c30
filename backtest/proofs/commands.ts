import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';

interface ProveCommandOptions {
  readonly list?: boolean;
  readonly count?: string;
  readonly seed: string;
}

/** Registers `prove [name]`. */
export function registerProveCommand(program: Command): void {
  const command = addCommand(
    program,
    'prove [name]',
    'run a proof at its full count; it goes on where it was interrupted',
  );
  command.option('--list', 'the proofs, one a line with what each shows');
  command.option('--count <N>', 'cases (default: the full count)');
  command.option('--seed <N>', 'seed of the cases', '1');
  bindAction<ProveCommandOptions>(command, proveCommand);
}

async function proveCommand(context: CommandContext, options: ProveCommandOptions, name = ''): Promise<CommandOutput> {
  const { PROOFS } = await import('./proofs.ts');
  const { prove } = await import('./proof.ts');
  if (options.list === true || name === '') {
    const value = PROOFS.map(({ name: proof, shows, count }) => ({ name: proof, shows, count }));
    return { value, text: () => value.map((proof) => `${proof.name.padEnd(12)} ${proof.shows}`).join('\n') };
  }
  const proof = PROOFS.find((candidate) => candidate.name === name);
  if (proof === undefined) {
    throw new InputError(`There is no proof ${name}.`, `Name one of: ${PROOFS.map((one) => one.name).join(', ')}.`);
  }
  const count = wholeNumber(options.count ?? String(proof.count), '--count');
  const seed = wholeNumber(options.seed, '--seed');
  const stage = context.progress.stage(`prove ${proof.name}`, count);
  const outcome = await prove(proof, {
    config: context.config,
    count,
    seed,
    signal: context.signal,
    onCase: (index, figures) => {
      stage.advance();
      context.progress.note(`${proof.name} ${index}: ${JSON.stringify(figures)}`);
    },
  });
  stage.done(outcome.holds ? 'holds' : 'does not hold');
  const value = { proof: proof.name, seed, cases: outcome.cases.length, holds: outcome.holds, ...outcome.figures };
  return { value, text: () => JSON.stringify(value, null, 2), exitCode: outcome.holds ? 0 : 1 };
}

function wholeNumber(text: string, option: string): number {
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  throw new InputError(`${option} ${text} is not a whole number above 0.`, 'Correct the value.');
}
