import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Config } from '../../config.ts';
import { existingFolder } from '../../files/existing-folder.ts';
import { databaseBytes } from '../../postgres/database-size.ts';
import type { Database } from '../../postgres/database.ts';
import type { Reading, ReadingSource } from './alert-metric.ts';

/** How old the size of the database may be: asking for it reads a directory for each table. */
const SIZE_MS_MAX = 60_000;

/** The disk of this machine's data folder. Each machine that runs a service measures its own. */
export function diskReadings({ dataDir }: Pick<Config, 'dataDir'>): ReadingSource {
  const subject = hostname();
  return {
    name: `disk of ${subject}`,
    read: async (): Promise<Reading[]> => {
      const { bsize, blocks, bavail } = await statfs(existingFolder(dataDir));
      const about = { subject, session: null };
      return [
        { ...about, metric: 'disk-free-ratio', value: bavail / blocks },
        { ...about, metric: 'disk-free-bytes', value: bsize * bavail },
      ];
    },
  };
}

/** The size of the database, looked at once a minute. */
export function databaseReadings(database: () => Promise<Pick<Database, 'pool'>>): ReadingSource {
  let [bytes, askedMs] = [0, -Infinity];
  return {
    name: 'size of the database',
    read: async (): Promise<Reading[]> => {
      if (performance.now() - askedMs >= SIZE_MS_MAX) {
        bytes = await databaseBytes((await database()).pool);
        askedMs = performance.now();
      }
      return [{ metric: 'database-size-bytes', subject: 'database', session: null, value: bytes }];
    },
  };
}
