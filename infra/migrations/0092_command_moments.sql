-- Up Migration

-- The moment at which a command took effect between two bars; null where it is that of the close before it.
ALTER TABLE signalbox.session_commands ADD COLUMN took_effect_at timestamptz;

-- Down Migration

ALTER TABLE signalbox.session_commands DROP COLUMN took_effect_at;
