import { createCommandLine } from './command-line.ts';
import { runCommandLine } from './infra/command.ts';
import { guardStandardStreams } from './infra/standard-streams.ts';

guardStandardStreams();
process.exitCode = await runCommandLine(createCommandLine(), process.argv.slice(2));
