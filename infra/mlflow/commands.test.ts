import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { describeDrain, registerTrackingCommands } from './commands.ts';

describe('registerTrackingCommands', () => {
  it('gives --json to the command that it follows', async () => {
    const program = new Command('signalbox').exitOverride();
    registerTrackingCommands(program);
    const tracking = program.commands.find((command) => command.name() === 'tracking')!;
    const drain = tracking.commands.find((command) => command.name() === 'drain')!;
    drain.action(() => undefined);
    tracking.action(() => undefined);
    await program.parseAsync(['tracking', 'drain', '--json', '--retry-refused'], { from: 'user' });
    expect(drain.opts()).toEqual({ json: true, retryRefused: true });
    await program.parseAsync(['tracking', '--port', '5001'], { from: 'user' });
    expect(tracking.opts()).toMatchObject({ port: '5001' });
  });
});

describe('describeDrain', () => {
  it('says what is left, why, and what to do', () => {
    const entry = { stream: 'job', entryKey: 'createRun/x', answer: 'no' };
    const outage = { failure: 'unreachable', message: 'cannot be reached', remedy: 'Start it.' } as const;
    const text = describeDrain({
      delivered: 3,
      refused: [entry],
      pending: 4,
      busyStreams: 1,
      stalled: [entry],
      outage,
    });
    expect(text.split('\n')).toEqual([
      '3 delivered, 4 waiting, 1 refused.',
      'Another process was delivering 1 of the streams.',
      'refused: job createRun/x: no',
      'put aside: job createRun/x: no',
      'stopped: cannot be reached',
      'remedy: Start it.',
    ]);
  });
});
