import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** Rows of a table in PostgreSQL's COPY text format. */
export interface RowsInto {
  readonly table: string;
  /** As SQL lists them, in the order of the fields. */
  readonly columns: string;
  /** Each ends with a line feed. */
  readonly lines: readonly string[];
  /** Columns that hold JSON, objects and lists. */
  readonly json?: readonly string[];
}

/** A part of a transaction that does not ask what those before it answered. */
export type WriteStep = pg.QueryConfig | RowsInto;

/**
 * Rows of more than this are copied: a COPY begins later (two trips to the server) and then takes a row at half the
 * time of an INSERT.
 */
const INSERTED_MAX = 100;

/** Does each step after the other, in the caller's transaction. */
export async function runSteps(client: pg.ClientBase, steps: Iterable<WriteStep>): Promise<void> {
  for (const step of steps) {
    const statement = statementOf(step);
    if (statement === null) await copyRows(client, step as RowsInto);
    else await client.query(statement);
  }
}

/** All steps as statements, which need not wait for each other's answers; null where rows are to be copied. */
export function asStatements(steps: readonly WriteStep[]): pg.QueryConfig[] | null {
  const statements: pg.QueryConfig[] = [];
  for (const step of steps) {
    const statement = statementOf(step);
    if (statement === null) return null;
    statements.push(statement);
  }
  return statements;
}

function statementOf(step: WriteStep): pg.QueryConfig | null {
  if (!('lines' in step)) return step;
  if (step.lines.length > INSERTED_MAX) return null;
  const { table, columns } = step;
  return {
    // Parsed and planned once a connection.
    name: `rows-into-${table}`,
    // A text field is read as COPY reads it: by its column's type.
    text: `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1)`,
    values: [jsonOf(step)],
  };
}

function jsonOf({ columns, lines, json = [] }: RowsInto): string {
  const names = columns.split(',').map((name) => name.trim());
  const keys = names.map((name) => JSON.stringify(name));
  const rows = lines.map((line) => {
    const fields = line.slice(0, -1).split('\t');
    if (fields.length !== keys.length) throw new Error(`a row has ${fields.length} fields for ${keys.length} columns`);
    const members = fields.map((field, at) => {
      const text = unescaped(field);
      const value = text === null || json.includes(names[at]!) ? (text ?? 'null') : JSON.stringify(text);
      return `${keys[at]}:${value}`;
    });
    return `{${members.join(',')}}`;
  });
  return `[${rows.join(',')}]`;
}

const CHARACTERS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };

/** The text that a field of COPY's format stands for; null for a NULL. */
function unescaped(field: string): string | null {
  if (field === '\\N') return null;
  return field.includes('\\') ? field.replace(/\\(.)/g, (_, character: string) => CHARACTERS[character]!) : field;
}

async function copyRows(client: pg.ClientBase, { table, columns, lines }: RowsInto): Promise<void> {
  const stream = client.query(copyFrom(`COPY ${table} (${columns}) FROM STDIN`));
  const finished = once(stream, 'finish');
  stream.end(lines.join(''));
  await finished;
}
