import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { createCommandLine } from '../../command-line.ts';
import { CommandPlace, expectRefusal } from '../testing/command-place.ts';
import { startSignalbox } from '../testing/run-process.ts';

// A session under a supervisor, all of it in processes of their own: started, killed, followed, stopped.
const place = new CommandPlace('supervised', createCommandLine);
const ID = 'kept up';

interface Attached {
  readonly alive: boolean;
  readonly doing: string;
  readonly restarts: number;
  readonly pid: number;
  readonly log: string;
}

const attached = async (): Promise<Attached> =>
  JSON.parse((await place.run(['sessions', 'attach', ID, '--json'])).stdout) as Attached;

/** Looks until the supervisor is about that: the suite's own limit ends it where it never is. */
async function until(is: (found: Attached) => boolean): Promise<Attached> {
  for (;;) {
    const found = await attached();
    if (is(found)) return found;
    await sleep(50);
  }
}

/** The process of the session itself. */
const processOf = ({ doing }: Attached): number => Number(/^runs as process (\d+)$/.exec(doing)?.[1] ?? NaN);

afterAll(async () => {
  await place.run(['sessions', 'stop', ID]);
});

describe('a supervised session', () => {
  it('is started, starts again when it is killed, is followed and stopped, and goes on', async () => {
    const rules = place.experimentWith(
      'ruled',
      /features:/,
      'strategies:\n  - { name: cross, kind: ema-cross, allocation: 1 }\nfeatures:',
    );
    expectRefusal(await place.run(['sessions', 'stop', ID]), 2, [/there is no session "kept up"/]);
    expectRefusal(await place.run(['sessions', 'attach', ID]), 2, [/has no supervisor[^]*sessions start/]);
    expectRefusal(await place.run(['sessions', 'start', rules, '--hours', 'noon']), 2, [/--hours noon/]);
    expectRefusal(await place.run(['sessions', 'start', rules, '--restarts', 'x']), 2, [/--restarts x/]);

    const start = ['sessions', 'start', rules, '--session', ID, '--speed', String(3 * 86_400)];
    const begun = await place.run(start);
    expect(begun.stderr).not.toMatch(/error/);
    expect(begun.stdout).toMatch(/kept up is started under supervisor \d+; its log is .*sessions attach 'kept up'/s);
    expectRefusal(await place.run(start), 2, [/Session "kept up" (is running|has a supervisor already)/]);

    const first = await until((found) => !Number.isNaN(processOf(found)));
    for (let bar = false; !bar; await sleep(50)) bar = (await place.run(['sessions'])).stdout.includes('running');
    process.kill(processOf(first), 'SIGKILL');
    const second = await until((found) => found.restarts === 1 && !Number.isNaN(processOf(found)));
    expect(processOf(second)).not.toBe(processOf(first));
    expect(readFileSync(second.log, 'utf8')).toContain('died by SIGKILL: starts again in 1 s (1 of 10 an hour)');

    const follower = startSignalbox(['sessions', 'attach', ID], process.env, place.base);
    const stopped = await place.run(['sessions', 'stop', ID]);
    expect(stopped).toMatchObject({ code: 0 });
    expect(stopped.stdout).toMatch(/kept up is stopped; started again, it goes on[^]*positions kept: /);
    expect((await follower.ended).stdout).toMatch(/died by SIGKILL[^]*supervisor: stopped[^]*kept up: over; stopped/);
    expect(await attached()).toMatchObject({ alive: false, doing: 'stopped', restarts: 1 });
    expectRefusal(await place.run(['sessions', 'stop', ID]), 2, [/Session "kept up" is not running/]);

    // At full speed it comes to its end, and is then over for good.
    expect((await place.run(['sessions', 'start', rules, '--session', ID])).code).toBe(0);
    await until(({ alive }) => !alive);
    expect((await place.run(['sessions', 'show', ID])).stdout).toMatch(/state +│ ended/);
    expectRefusal(await place.run(start), 2, [/Session "kept up" has ended/]);
  });
});
