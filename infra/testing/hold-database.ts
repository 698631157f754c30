import { openDatabase } from '../postgres/database.ts';

/**
 * Opens the embedded database of the folder in the first argument, says so on standard output, holds it until standard
 * input ends.
 */
const database = await openDatabase({ databaseUrl: null, dataDir: process.argv[2]! });
process.stdout.write(`${new URL(database.url).port}\n`);
for await (const chunk of process.stdin) {
  const statement = String(chunk).trim();
  if (statement !== '') await database.pool.query(statement);
  process.stdout.write('done\n');
}
await database.close();
