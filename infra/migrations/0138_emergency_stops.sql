-- Up Migration

ALTER TABLE signalbox.session_commands DROP CONSTRAINT session_commands_command_check;
ALTER TABLE signalbox.session_commands ADD CONSTRAINT session_commands_command_check
  CHECK (command IN ('halt', 'reduce', 'flatten', 'resume', 'limits', 'emergency-stop', 'emergency-flatten'));

ALTER TABLE signalbox.sessions DROP CONSTRAINT sessions_kill_state_check;
ALTER TABLE signalbox.sessions ADD CONSTRAINT sessions_kill_state_check
  CHECK (kill_state IN ('run', 'halt', 'reduce', 'flatten', 'stop', 'stop-flatten'));

-- Down Migration

DELETE FROM signalbox.session_commands WHERE command LIKE 'emergency-%';
ALTER TABLE signalbox.session_commands DROP CONSTRAINT session_commands_command_check;
ALTER TABLE signalbox.session_commands ADD CONSTRAINT session_commands_command_check
  CHECK (command IN ('halt', 'reduce', 'flatten', 'resume', 'limits'));
UPDATE signalbox.sessions SET kill_state = 'halt' WHERE kill_state LIKE 'stop%';
ALTER TABLE signalbox.sessions DROP CONSTRAINT sessions_kill_state_check;
ALTER TABLE signalbox.sessions ADD CONSTRAINT sessions_kill_state_check
  CHECK (kill_state IN ('run', 'halt', 'reduce', 'flatten'));
