import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext } from '../../infra/command.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { writePrivateFile } from '../../infra/files/private-file.ts';
import { ingestCommand } from '../commands/command-actions.ts';
import { ingestOptionsOf, type AskedIngest } from './ingest-request.ts';

/**
 * Brings in what was asked for, as the command `ingest` does, and answers what its `--json` says. A file that was sent
 * stands in a folder of its own meanwhile; its series are called by its name, wherever that folder was.
 * @throws SignalboxError as `ingest` has it, with the name of the file where a path would stand
 */
export async function requestedIngest(
  context: CommandContext,
  asked: AskedIngest,
  upload: string | null,
): Promise<unknown> {
  if (asked.file === undefined) return (await ingestCommand(context, ingestOptionsOf(asked))).value;
  const { name } = asked.file;
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-upload-'));
  try {
    const path = join(folder, name);
    writePrivateFile(path, upload ?? '');
    return (await ingestCommand(context, ingestOptionsOf(asked, path), { upload: name })).value;
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error;
    const without = (text: string): string => text.replaceAll(`${folder}/`, '');
    error.message = without(error.message);
    throw Object.assign(error, { remedy: without(error.remedy) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
