import type { Command } from 'commander';
import { addCommand, bindAction } from '../command.ts';

/** Registers `notebooks`. */
export function registerNotebookCommands(program: Command): void {
  const executing = addCommand(
    program,
    'notebooks [names...]',
    'execute the notebooks (all by default) and write each as a page; needs Python, installs the rest once',
  );
  bindAction(executing, async ({ config, progress }, _options, ...names) => {
    const { executeNotebooks, notebookNames } = await import('./execute-notebooks.ts');
    const executed = await executeNotebooks(names.length === 0 ? notebookNames() : names, {
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
