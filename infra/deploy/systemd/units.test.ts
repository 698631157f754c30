import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const UNITS = readdirSync(FOLDER).filter((name) => /\.(service|timer)$/.test(name));

/** Settings of a unit file by section; each line has to be one. */
function settingsOf(name: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {};
  let own: Record<string, string> = {};
  for (const line of readFileSync(FOLDER + name, 'utf8').split('\n')) {
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
    const { Unit, Service, Install } = settingsOf('signalbox-session@.service');
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
});

describe.each(UNITS)('%s', (name) => {
  it('is one that systemd takes, where there is systemd', () => {
    const said = spawnSync('systemd-analyze', ['verify', '--man=no', FOLDER + name], { encoding: 'utf8' });
    if (said.error !== undefined) return expect((said.error as NodeJS.ErrnoException).code).toBe('ENOENT');
    // It ends with 0 whatever it found.
    expect(said.stderr.split('\n').filter((line) => line.includes('signalbox'))).toEqual([]);
  });
});

describe.each(UNITS.filter((name) => name.endsWith('.service')))('%s', (name) => {
  it('runs as nobody, writes where it has to alone, and gains no rights', () => {
    const { Service } = settingsOf(name);
    expect(Service).toMatchObject({
      User: 'signalbox',
      NoNewPrivileges: 'yes',
      ProtectSystem: 'strict',
      ProtectHome: 'yes',
      UMask: '0077',
      EnvironmentFile: expect.stringMatching(/^\/etc\/signalbox\/\S+\.env$/),
    });
  });
});
