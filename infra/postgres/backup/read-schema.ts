import type pg from 'pg';
import { SCHEMA } from '../connection.ts';
import * as queries from './schema-queries.ts';

/** The definition of everything in our schema as statements: `beforeData`, then the rows, then `afterData`. */
export interface SchemaText {
  readonly beforeData: readonly string[];
  readonly afterData: readonly string[];
}

/** Columns and checks call functions, and functions name tables: these come first and are believed. */
const EARLY_FUNCTIONS = 'SET LOCAL check_function_bodies = false;';

const BEFORE_DATA = [
  queries.ENUMS,
  queries.DOMAINS,
  queries.FUNCTIONS,
  queries.SEQUENCES,
  queries.TABLES,
  queries.PARTITIONS,
  queries.SEQUENCE_OWNERS,
];
const AFTER_DATA = [
  queries.CONSTRAINTS,
  queries.INDEXES,
  queries.TRIGGERS,
  queries.VIEWS,
  queries.MATERIALIZED_INDEXES,
  queries.COMMENTS,
];

/**
 * Reads the schema from the catalogs, in an order in which the statements run again. Equal schemas give equal text
 * whatever the order of their migrations was. Sets search_path for the rest of the transaction that the caller has
 * begun.
 */
export async function readSchema(client: pg.ClientBase): Promise<SchemaText> {
  await client.query(`SET LOCAL search_path = ${SCHEMA}`);
  return {
    beforeData: [EARLY_FUNCTIONS, ...(await statements(client, BEFORE_DATA))],
    afterData: await statements(client, AFTER_DATA),
  };
}

/** The whole schema as the text of `infra/migrations/schema.sql`. */
export async function dumpSchema(client: pg.ClientBase): Promise<string> {
  const { beforeData, afterData } = await readSchema(client);
  const head = '-- The schema that the migrations add up to. Written by `npm run schema`; a test compares it.\n';
  return `${head}\n${[...beforeData, ...afterData].join('\n\n')}\n`;
}

async function statements(client: pg.ClientBase, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const text of texts) {
    const { rows } = await client.query<{ sql: string }>(text, [SCHEMA]);
    found.push(...rows.map(({ sql }) => sql));
  }
  return found;
}
