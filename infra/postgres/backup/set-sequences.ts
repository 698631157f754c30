import pg from 'pg';
import { damaged } from './backup-archive.ts';
import { SCHEMA } from '../connection.ts';
import { quoted, type SequenceValue } from './read-backup.ts';
import { SEQUENCE_VALUES } from './schema-queries.ts';

/** Migrations are recorded by those who apply them, here too. */
const OWN = 'migrations_id_seq';

/** Puts every sequence of the schema where the backup says; they must be the same ones. `file` is for messages. */
export async function setSequences(
  client: pg.ClientBase,
  values: readonly SequenceValue[],
  file: string,
): Promise<void> {
  const known = (await client.query<SequenceValue>(SEQUENCE_VALUES, [SCHEMA])).rows.map(({ name }) => name);
  const given = new Map(values.map(({ name, value }) => [name, value]));
  const stranger = [...given.keys()].find((name) => !known.includes(name));
  if (stranger !== undefined) throw damaged(file, `its version has no sequence ${quoted(stranger)}`);
  for (const name of known.filter((found) => found !== OWN)) {
    const value = given.get(name);
    if (value === undefined) throw damaged(file, `it says nothing of sequence ${name}`);
    if (value === null) await client.query(`ALTER SEQUENCE ${pg.escapeIdentifier(name)} RESTART`);
    else await client.query('SELECT setval($1::regclass, $2::bigint)', [pg.escapeIdentifier(name), value]);
  }
}
