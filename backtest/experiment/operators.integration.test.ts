import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createCommandLine } from '../../command-line.ts';
import { CommandPlace } from '../testing/command-place.ts';
import { startSignalbox } from '../testing/run-process.ts';

// What an operator is told of sessions, and what becomes of the words that he gives them.
const place = new CommandPlace('operators', createCommandLine);
const ID = 'on the desk';

interface Listed {
  readonly session: string;
  readonly experiment: string;
  readonly mode: string;
  readonly state: string;
  readonly killState: string | null;
  readonly lastClose: string | null;
  readonly equity: number | null;
  readonly positions: Record<string, number> | null;
  readonly pending: string[];
}

async function listed(...more: string[]): Promise<Listed[]> {
  const { code, stdout } = await place.run(['sessions', 'list', '--json', ...more]);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Listed[];
}

/** Looks until a session is as it is to be: the suite's own limit ends it where it never is. */
async function until(is: (session: Listed) => boolean): Promise<Listed> {
  for (;;) {
    const found = (await listed()).find(({ session }) => session === ID);
    if (found !== undefined && is(found)) return found;
    await sleep(50);
  }
}

const startPaper = (...args: string[]) =>
  startSignalbox(['paper', place.small, '--session', ID, '--json', ...args], process.env, place.base);

describe('where nothing runs', () => {
  it.each(['halt', 'reduce', 'flatten', 'resume'])('%s says so and ends with 1', async (word) => {
    const { code, stdout } = await place.run([word]);
    expect(code).toBe(1);
    expect(stdout).toContain(`No session is running: there was nobody to tell "${word}".`);
    expect(stdout).toContain('signalbox sessions list');
    const json = await place.run([word, '--json']);
    expect({ code: json.code, value: JSON.parse(json.stdout) as unknown }).toEqual({
      code: 1,
      value: { command: word, sessions: [], waiting: [], told: [] },
    });
    const named = await place.run([word, '--session', 'nobody']);
    expect(named).toMatchObject({ code: 2, stdout: '' });
    expect(named.stderr).toMatch(/there is no session "nobody"[^]*signalbox sessions list/);
  });

  it('sessions lists none, and a start that fails leaves none', async () => {
    for (const words of [['sessions'], ['sessions', 'list']]) {
      const { code, stdout } = await place.run(words);
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: 'There is no session. Begin one: signalbox paper EXPERIMENT.\n',
      });
    }
    expect((await place.run(['paper', place.small])).code).toBe(1);
    expect(await listed()).toEqual([]);
    expect((await place.run(['halt'])).code).toBe(1);
  });
});

describe('a session that trades', () => {
  it('is listed as it stands, takes words, and is refused to a second process', async () => {
    expect((await place.run(['train', place.small])).code).toBe(0);
    // A day takes a third of a second.
    const first = startPaper('--speed', String(3 * 86_400));
    const running = await until(({ state, lastClose }) => state === 'running' && lastClose !== null);
    expect(running).toMatchObject({ experiment: 'small', mode: 'paper', killState: 'run', pending: [] });
    expect(running.equity).toBeGreaterThan(0);

    const second = await startPaper().ended;
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/Session "on the desk" is running in another process\.[^]*--session ID/);

    const { code, stdout } = await place.run(['halt']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/halt: on the desk takes it up at once; nothing opens from there on\./);
    expect(stdout).toMatch(/positions kept: /);
    expect(stdout).toMatch(/working orders kept, they may still be filled: /);
    expect(stdout).toContain("signalbox flatten --session 'on the desk' closes the positions");
    await until(({ killState }) => killState === 'halt');
    expect((await place.run(['sessions'])).stdout).toMatch(/on the desk .* small .* paper .* running, halt /);

    first.kill();
    await first.ended;
    const stopped = await until(({ state }) => state === 'stopped');
    expect(stopped.killState).toBe('halt');
    const resumed = await place.run(['resume', '--session', ID, '--json']);
    expect(JSON.parse(resumed.stdout)).toMatchObject({
      sessions: [ID],
      waiting: [ID],
      told: [{ session: ID, state: 'stopped', positionsAre: 'kept', ordersAre: 'kept' }],
    });
    expect((await until(({ pending }) => pending.length > 0)).pending).toEqual(['resume']);
    expect((await place.run(['resume', '--session', ID])).stdout).toContain('it takes it up when it goes on');

    const ended = await startPaper().ended;
    expect(ended.code).toBe(0);
    const { finalEquity } = JSON.parse(ended.stdout) as { finalEquity: number };
    const over = await until(({ state }) => state === 'ended');
    expect(over).toMatchObject({ killState: 'run', pending: [], equity: finalEquity });
    const late = await place.run(['halt', '--session', ID]);
    expect(late.code).toBe(2);
    expect(late.stderr).toMatch(/session "on the desk" ended at .*: it takes no commands/);
    expect((await place.run(['halt'])).code).toBe(1);
  });

  it('leaves an audit of who did what, and every order leads back to what it rests on', async () => {
    const verified = await place.run(['audit', 'verify', '--json']);
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ intact: true, broken: null });
    const { entries } = JSON.parse((await place.run(['audit', 'list', '--session', ID, '--json'])).stdout) as {
      entries: { action: string; actorKind: string; actor: string; details: { mode?: string; limits?: object } }[];
    };
    const actions = entries.map(({ action }) => action).reverse();
    expect(actions).toEqual(['session-start', 'halt', 'resume', 'resume', 'session-restart', 'session-end']);
    expect(entries.at(-1)!.details).toMatchObject({
      mode: 'paper',
      limits: { drawdownFraction: expect.anything() as number },
    });
    expect(new Set(entries.map(({ actorKind }) => actorKind))).toEqual(new Set(['operator']));
    const { orders } = JSON.parse((await place.run(['orders', '--session', ID, '--json'])).stdout) as {
      orders: { sequence: number; clientOrderId: string; filled: number }[];
    };
    const { sequence, clientOrderId, filled } = orders.find((one) => one.filled > 0)!;
    const trail = await place.run(['audit', 'order', clientOrderId, '--session', ID, '--json']);
    expect(trail.code).toBe(0);
    const value = JSON.parse(trail.stdout) as { features: Record<string, number>; fills: { quantity: number }[] };
    expect(value).toMatchObject({
      session: ID,
      order: { sequence, client_order_id: clientOrderId },
      signal: { action: expect.stringMatching(/BUY|SELL/) as string, reason: expect.any(String) as string },
      model: { trainingHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      risk: { limits: { drawdownFraction: expect.anything() as number } },
    });
    expect(Object.values(value.features).every((one) => Number.isFinite(one))).toBe(true);
    expect(Object.keys(value.features).length).toBeGreaterThan(1);
    expect(value.fills.reduce((sum, { quantity }) => sum + Math.abs(quantity), 0)).toBeCloseTo(filled, 9);
    const shown = await place.run(['audit', 'order', String(sequence), '--session', ID]);
    expect(shown.stdout).toMatch(/^model +name [^]*trainingHash|^model +trainingHash/m);
    expect((await place.run(['audit', 'order', '999999', '--session', ID])).code).toBe(2);
  });

  it('is told apart from backtests, which are listed where they are asked for', async () => {
    expect((await place.run(['backtest', place.small])).code).toBe(0);
    expect((await listed()).map(({ mode }) => mode)).toEqual(['paper']);
    expect((await listed('--all')).map(({ mode }) => mode).sort()).toEqual(['backtest', 'paper']);
  });
});
