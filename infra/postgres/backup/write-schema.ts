import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePrivateFile } from '../../files/private-file.ts';
import { openDatabase } from '../database.ts';
import { migrationsFolder } from '../migrate.ts';
import { dumpSchema } from './read-schema.ts';

// `npm run schema`: migrates an empty database in a temporary folder and writes what came out to schema.sql.
const folder = mkdtempSync(join(tmpdir(), 'signalbox-schema-'));
chmodSync(folder, 0o711);
try {
  const database = await openDatabase({ databaseUrl: null, dataDir: folder });
  writePrivateFile(join(migrationsFolder(), 'schema.sql'), await database.transaction(dumpSchema));
  await database.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
