-- Up Migration

-- An order that somebody outside of a session asks for, and what became of it when the session took it up.
ALTER TABLE signalbox.session_commands ADD COLUMN asked jsonb;
ALTER TABLE signalbox.session_commands ADD COLUMN outcome jsonb;

ALTER TABLE signalbox.session_commands DROP CONSTRAINT session_commands_command_check;
ALTER TABLE signalbox.session_commands ADD CONSTRAINT session_commands_command_check
  CHECK (command IN ('halt', 'reduce', 'flatten', 'resume', 'limits', 'emergency-stop', 'emergency-flatten', 'order'));

-- Down Migration

DELETE FROM signalbox.session_commands WHERE command = 'order';
ALTER TABLE signalbox.session_commands DROP CONSTRAINT session_commands_command_check;
ALTER TABLE signalbox.session_commands ADD CONSTRAINT session_commands_command_check
  CHECK (command IN ('halt', 'reduce', 'flatten', 'resume', 'limits', 'emergency-stop', 'emergency-flatten'));
ALTER TABLE signalbox.session_commands DROP COLUMN outcome;
ALTER TABLE signalbox.session_commands DROP COLUMN asked;
