import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CommandContext } from '../../../infra/command.ts';
import { loadExperiment } from '../../../models/experiment/load-experiment.ts';
import { startedSession } from '../supervisor/started-session.ts';
import { experimentTrading, strategyName } from './traded-strategy.ts';

const folder = mkdtempSync(join(tmpdir(), 'traded-strategy-'));
afterAll(() => rmSync(folder, { recursive: true }));

const context = { config: { dataDir: folder } } as CommandContext;
const trading = (asked: { strategy?: string; set?: string[] }): Promise<string> =>
  experimentTrading(context, 'default', asked);

describe('a strategy that is named with an experiment', () => {
  it('takes the place of what that trades, under a name of its own', async () => {
    const file = loadExperiment(await trading({ strategy: './My Trend_2.ts', set: ['fast=3', 'loud=true'] }));
    expect(file.strategies).toMatchObject([
      { name: 'my-trend-2', file: './My Trend_2.ts', parameters: { fast: 3, loud: true } },
    ]);
    const rule = loadExperiment(await trading({ strategy: 'sma-cross', set: ['fast=3', 'slow=9'] }));
    expect(rule.strategies).toMatchObject([{ kind: 'sma-cross', parameters: { fast: 3, slow: 9 } }]);
    expect(new Set([file.name, rule.name, loadExperiment('default').name]).size).toBe(3);
  });

  it('is nobody where none is named', async () => expect(await trading({})).toBe('default'));

  it('is refused in words where there is none, or a parameter is none of its own', async () => {
    await expect(trading({ strategy: 'sma-crosss' })).rejects.toThrow(/unknown strategy "sma-crosss"/);
    await expect(trading({ strategy: 'sma-cross', set: ['quick=3'] })).rejects.toThrow(/quick/);
    await expect(trading({ strategy: 'sma-cross', set: ['fast'] })).rejects.toThrow(/--set fast: not of the form/);
    await expect(trading({ set: ['fast=3'] })).rejects.toThrow(/--set fast=3 is a parameter of --strategy/);
  });

  it('has a name as experiments have it, whatever its file is called', () => {
    expect(['./mine.ts', 'a/B_c.ts', '../9.ts', 'sma-cross'].map(strategyName)).toEqual([
      'mine',
      'b-c',
      'own',
      'sma-cross',
    ]);
  });

  it('is handed on to the session that a supervisor starts, and makes it another one', () => {
    const asked = { broker: 'alpaca', hours: 'always', restarts: '3' };
    const { id, arguments: words } = startedSession('default', { ...asked, strategy: 'sma-cross', set: ['fast=3'] });
    expect(id).toBe(`${startedSession('default', asked).id}-sma-cross`);
    expect(words.join(' ')).toContain('--strategy sma-cross --set fast=3');
  });
});
