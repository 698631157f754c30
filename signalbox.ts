import { createCommandLine } from './command-line.ts';
import { runCommandLine } from './infra/command.ts';

process.exitCode = await runCommandLine(createCommandLine(), process.argv.slice(2));
