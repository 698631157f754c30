import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const UNIT = fileURLToPath(new URL('signalbox-session@.service', import.meta.url));

/** Settings of a unit file by section; each line has to be one. */
function settingsOf(text: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {};
  let own: Record<string, string> = {};
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const section = /^\[(\w+)\]$/.exec(line)?.[1];
    if (section !== undefined) own = sections[section] = {};
    else {
      const [, name, value] = /^(\w+)=(.+)$/.exec(line) ?? [];
      expect(name, line).toBeDefined();
      own[name!] = value!;
    }
  }
  return sections;
}

describe('the unit of a session', () => {
  it('starts the supervisor in the foreground, tells it alone to stop, and asks no refused session again', () => {
    const { Unit, Service, Install } = settingsOf(readFileSync(UNIT, 'utf8'));
    expect(Service).toMatchObject({
      ExecStart: '/usr/bin/env node signalbox.mjs sessions start %I --foreground $SESSION_OPTIONS',
      KillMode: 'mixed',
      Restart: 'on-failure',
      RestartPreventExitStatus: '2',
    });
    // The supervisor waits 30 s for its session before it ends that as it stands.
    expect(Number(Service!.TimeoutStopSec)).toBeGreaterThan(60);
    expect(Unit).toHaveProperty('StartLimitBurst');
    expect(Install).toEqual({ WantedBy: 'multi-user.target' });
  });

  it('is one that systemd takes, where there is systemd', () => {
    const said = spawnSync('systemd-analyze', ['verify', '--man=no', UNIT], { encoding: 'utf8' });
    if (said.error !== undefined) return expect((said.error as NodeJS.ErrnoException).code).toBe('ENOENT');
    expect(said.stderr.split('\n').filter((line) => line.includes('signalbox-session'))).toEqual([]);
  });
});
