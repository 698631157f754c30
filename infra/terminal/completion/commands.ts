import type { Command } from 'commander';
import { addCommand, bindAction } from '../../command.ts';
import { InputError } from '../../errors.ts';
import { completionScript, SHELLS, type Shell } from './completion-script.ts';

/** Adds `completion`: it knows all commands of `program`, those that are added after it too. */
export function registerCompletionCommand(program: Command): void {
  const command = addCommand(
    program,
    'completion <shell>',
    `a script that completes commands and options, for ${SHELLS.join(', ')}`,
  );
  command.addHelpText(
    'after',
    `
bash, in ~/.bashrc:  source <(signalbox completion bash)
zsh, in ~/.zshrc:    source <(signalbox completion zsh)
fish:                signalbox completion fish > ~/.config/fish/completions/signalbox.fish`,
  );
  bindAction(command, (_context, _options, shell) => {
    if (!SHELLS.includes(shell as Shell)) {
      throw new InputError(`There is no completion for ${shell}.`, `Name one of: ${SHELLS.join(', ')}.`);
    }
    const script = completionScript(program, shell as Shell);
    return Promise.resolve({ value: { shell, script }, text: () => script });
  });
}
