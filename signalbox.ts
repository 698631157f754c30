import { createCommandLine } from './command-line.ts';
import { runCommandLine } from './infra/command.ts';
import { guardStandardStreams } from './infra/terminal/standard-streams.ts';

/**
 * What still holds the process after the command has closed everything is a connection whose other side does not
 * answer.
 */
const LINGER_MS_MAX = 5_000;

guardStandardStreams();
process.exitCode = await runCommandLine(createCommandLine(), process.argv.slice(2));
setInterval(() => {
  if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit();
}, LINGER_MS_MAX).unref();
