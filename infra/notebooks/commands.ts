import type { Command } from 'commander';
import { addCommand, bindAction } from '../command.ts';

/** Registers `notebooks`. */
export function registerNotebookCommands(program: Command): void {
  const executing = addCommand(
    program,
    'notebooks [names...]',
    'execute the notebooks (all by default) and write each as a page; needs Python, installs the rest once',
  );
  bindAction(executing, async ({ config, progress }, _options, ...names: unknown[]) => {
    const { executeNotebooks, notebookNames } = await import('./execute-notebooks.ts');
    const wanted = names.flat().filter((name): name is string => typeof name === 'string');
    const executed = await executeNotebooks(wanted.length === 0 ? notebookNames() : wanted, {
      variables: { SIGNALBOX_HOME: config.dataDir },
      dataDir: config.dataDir,
      programPath: config.programPath,
      onStage: (text) => progress.note(text),
    });
    return {
      value: executed,
      text: () => executed.map(({ name, page }) => `${name.padEnd(24)} ${page}`).join('\n'),
    };
  });
}
