-- Up Migration

-- Backups that were made of this database, and where: the file may be elsewhere by now.
CREATE TABLE signalbox.backups (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  made_at timestamptz NOT NULL,
  host text NOT NULL,
  file text NOT NULL,
  tables integer NOT NULL,
  rows bigint NOT NULL,
  sealed boolean NOT NULL
);

-- Down Migration

DROP TABLE signalbox.backups;
