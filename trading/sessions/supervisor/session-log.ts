import { join } from 'node:path';
import { hashOf } from '../../../infra/hash.ts';
import { privateFolder } from '../../../infra/files/private-folder.ts';

/** The file that the output of a session's supervisor goes to, whatever its id holds. */
export function sessionLogPath(dataDir: string, id: string): string {
  const safe = id.replace(/[^\w.-]+/g, '_').slice(0, 80);
  const name = safe === id ? id : `${safe}-${hashOf(id).slice(0, 8)}`;
  return join(privateFolder(dataDir, 'logs', 'sessions'), `${name}.log`);
}
