import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../testing/test-database.ts';
import { connect } from '../database.ts';
import { migrationsFolder } from '../migrate.ts';
import { dumpSchema, readSchema } from './read-schema.ts';

/** One of everything that migrations use. */
const VARIED = `
  CREATE TYPE side AS ENUM ('buy', 'sell');
  CREATE DOMAIN share AS numeric(6, 5) CHECK (VALUE BETWEEN 0 AND 1);
  CREATE FUNCTION twice(x int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * x';
  CREATE SEQUENCE ticket START WITH 100 INCREMENT BY 5;
  CREATE TABLE parent (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE "C" UNIQUE,
    doubled int GENERATED ALWAYS AS (twice(1)) STORED, portion share DEFAULT 0.5, way side, serial_no serial);
  CREATE TABLE child (parent_id bigint NOT NULL REFERENCES parent ON DELETE CASCADE, at timestamptz NOT NULL, value float8,
    ticket int DEFAULT nextval('ticket'), CHECK (value > 0), PRIMARY KEY (parent_id, at)) PARTITION BY RANGE (at);
  CREATE TABLE child_2020 PARTITION OF child FOR VALUES FROM ('2020-01-01Z') TO ('2021-01-01Z') PARTITION BY LIST (parent_id);
  CREATE TABLE child_2020_one PARTITION OF child_2020 FOR VALUES IN (1);
  CREATE TABLE child_rest PARTITION OF child DEFAULT;
  CREATE UNLOGGED TABLE scratch (id int) WITH (fillfactor = 70);
  CREATE INDEX child_value ON child (value) WHERE value > 1;
  CREATE VIEW b_view AS SELECT parent_id, sum(value) AS total FROM child GROUP BY parent_id;
  CREATE VIEW a_view AS SELECT total FROM b_view;
  CREATE MATERIALIZED VIEW kept AS SELECT * FROM b_view;
  CREATE UNIQUE INDEX kept_parent ON kept (parent_id);
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
  CREATE TRIGGER touched BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION touch();
  COMMENT ON TABLE parent IS 'it''s commented';
  COMMENT ON COLUMN child.value IS 'units';`;

describe('the schema text', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('equals infra/migrations/schema.sql (else: npm run schema)', async () => {
    const committed = readFileSync(join(migrationsFolder(), 'schema.sql'), 'utf8');
    expect(await database.transaction(dumpSchema)).toBe(committed);
  });

  it('makes the same schema again when it is run', async () => {
    await database.pool.query(VARIED);
    const text = await database.transaction(dumpSchema);
    for (const part of ['child_2020_one', 'CHECK', 'TRIGGER', 'a_view', "it''s", 'fillfactor', 'share', 'ENUM']) {
      expect(text).toContain(part);
    }
    const empty = await createEmptyDatabase();
    const copy = await connect(empty.url, { migrate: false }, null);
    const { beforeData, afterData } = await database.transaction(readSchema);
    await copy.transaction(async (client) => {
      await client.query('CREATE SCHEMA signalbox');
      await client.query('SET LOCAL search_path = signalbox');
      for (const statement of [...beforeData, ...afterData]) await client.query(statement);
    });
    expect(await copy.transaction(dumpSchema)).toBe(text);
    await copy.close();
    await empty.drop();
  });
});
