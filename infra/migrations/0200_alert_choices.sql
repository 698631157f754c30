-- Up Migration

-- Which alerts a channel is told, by type and severity. Of the house where no user is named, and else of that user's
-- own page (`app`) and browsers (`push`). Without a choice everything is told; one of a type goes before one of all.
CREATE TABLE signalbox.alert_choices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint REFERENCES signalbox.users (id) ON DELETE CASCADE,
  channel text NOT NULL,
  type text,
  -- What is less severe is not told; none: nothing is.
  least text NOT NULL CHECK (least IN ('info', 'warning', 'critical', 'none')),
  UNIQUE NULLS NOT DISTINCT (user_id, channel, type)
);

-- Browsers that are told by web push, as their push service knows them.
CREATE TABLE signalbox.push_subscriptions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES signalbox.users (id) ON DELETE CASCADE,
  endpoint text NOT NULL UNIQUE,
  p256dh text NOT NULL,
  auth text NOT NULL,
  -- What the browser calls itself, for people.
  browser text NOT NULL,
  made_at timestamptz NOT NULL
);
CREATE INDEX push_subscriptions_user ON signalbox.push_subscriptions (user_id);

-- Up to which alert a user has read what the page shows.
CREATE TABLE signalbox.alert_inboxes (
  user_id bigint PRIMARY KEY REFERENCES signalbox.users (id) ON DELETE CASCADE,
  read_to bigint NOT NULL
);

-- The message that was sent for this one too: several of a kind go as one. Null: it went, or goes, by itself.
ALTER TABLE signalbox.alert_deliveries ADD COLUMN sent_as bigint;

CREATE FUNCTION signalbox.alert_chosen(whose bigint, name text, kind text, weight text) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT array_position(ARRAY['info', 'warning', 'critical', 'none'], weight)
           >= array_position(ARRAY['info', 'warning', 'critical', 'none'], least)
    FROM signalbox.alert_choices
    WHERE user_id IS NOT DISTINCT FROM whose AND channel = name AND (type = kind OR type IS NULL)
    ORDER BY type NULLS LAST LIMIT 1), true)
$$;

-- Whether people do not want to be told of an alert at that moment.
CREATE FUNCTION signalbox.alert_silenced(kind text, session text, moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM signalbox.alert_silences
    WHERE ended_at IS NULL AND until > moment AND (type IS NULL OR type = kind)
      AND (session_id IS NULL OR session_id = session))
$$;

-- The channels that are told of an alert: those of `wanted` that take it, and the browsers of whoever may see it.
CREATE FUNCTION signalbox.alert_audience(
  wanted text[], by_push boolean, kind text, weight text, session text, moment timestamptz) RETURNS SETOF text
LANGUAGE sql STABLE AS $$
  SELECT name FROM unnest(wanted) AS name
  WHERE signalbox.alert_chosen(NULL, name, kind, weight) AND NOT signalbox.alert_silenced(kind, session, moment)
  UNION ALL
  SELECT 'push:' || push.id
  FROM signalbox.push_subscriptions AS push JOIN signalbox.users AS person ON person.id = push.user_id
  WHERE by_push AND person.disabled_at IS NULL AND person.role <> 'strategy'
    AND (person.sessions IS NULL OR session = ANY (person.sessions))
    AND signalbox.alert_chosen(person.id, 'push', kind, weight)
    AND NOT signalbox.alert_silenced(kind, session, moment)
$$;

-- Down Migration

DROP FUNCTION signalbox.alert_audience(text[], boolean, text, text, text, timestamptz);
DROP FUNCTION signalbox.alert_silenced(text, text, timestamptz);
DROP FUNCTION signalbox.alert_chosen(bigint, text, text, text);
ALTER TABLE signalbox.alert_deliveries DROP COLUMN sent_as;
DROP TABLE signalbox.alert_inboxes;
DROP TABLE signalbox.push_subscriptions;
DROP TABLE signalbox.alert_choices;
