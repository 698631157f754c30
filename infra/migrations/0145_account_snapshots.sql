-- Up Migration

-- The account of a session as its books last had it, and as its venue last told it, for whoever looks from outside.
CREATE TABLE signalbox.account_snapshots (
  session_id text PRIMARY KEY REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  books jsonb,
  books_at timestamptz,
  venue jsonb,
  venue_at timestamptz
);

-- Down Migration

DROP TABLE signalbox.account_snapshots;
