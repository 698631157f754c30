-- Up Migration

-- The limits under which a session trades as it last had them; null where it has not begun since they are recorded.
ALTER TABLE signalbox.sessions ADD COLUMN limits jsonb;

-- What a change of limits leads to, whole; null for every other command.
ALTER TABLE signalbox.session_commands ADD COLUMN limits jsonb;

ALTER TABLE signalbox.session_commands DROP CONSTRAINT session_commands_command_check;
ALTER TABLE signalbox.session_commands ADD CONSTRAINT session_commands_command_check
  CHECK (command IN ('halt', 'reduce', 'flatten', 'resume', 'limits'));

-- Down Migration

DELETE FROM signalbox.session_commands WHERE command = 'limits';
ALTER TABLE signalbox.session_commands DROP CONSTRAINT session_commands_command_check;
ALTER TABLE signalbox.session_commands ADD CONSTRAINT session_commands_command_check
  CHECK (command IN ('halt', 'reduce', 'flatten', 'resume'));
ALTER TABLE signalbox.session_commands DROP COLUMN limits;
ALTER TABLE signalbox.sessions DROP COLUMN limits;
