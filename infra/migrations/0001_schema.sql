-- The schema itself is made by the migration runner; this file states what it is for.
COMMENT ON SCHEMA signalbox IS 'Tables of Signalbox. Times are UTC; money is NUMERIC.';
