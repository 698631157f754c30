import { join } from 'node:path';
import { privateFolder } from '../../infra/files/private-folder.ts';
import { writePrivateFile } from '../../infra/files/private-file.ts';

/** Writes a version of a strategy where its session reads it, and answers the path: the same on every host. */
export function versionFile(
  dataDir: string,
  { name, version, yaml }: { readonly name: string; readonly version: number; readonly yaml: string },
): string {
  const path = join(privateFolder(dataDir, 'strategies'), `${name}-v${version}.yaml`);
  writePrivateFile(path, yaml);
  return path;
}
