import { describe, expect, it } from 'vitest';
import { SilentCodeError } from '../../../infra/own-files/silent-code-error.ts';
import type { LiveModels } from '../live-models.ts';
import type { ClosedBars } from '../replayed-feed.ts';
import { championDeciding } from './live-deciding.ts';
import type { DecidingModel, LivePredictor } from './live-predictor.ts';

const MODEL: DecidingModel & { hash: string } = {
  hash: 'c0ffee',
  label: 'made@1',
  expiresAtMs: Infinity,
  model: { featureNames: [], window: 1, trainedToMs: 0, predictDetailed: () => ({}) as never },
  reasonsOf: () => '',
  noveltyOf: () => null,
};
const models = {
  champion: () => Promise.resolve(MODEL),
  recorded: () => Promise.resolve(MODEL),
} as unknown as Pick<LiveModels, 'champion' | 'recorded'>;

/** A model whose code never answers. `asked` counts how often it was asked all the same. */
function makeSilent() {
  let asked = 0;
  const predictor: Pick<LivePredictor, 'observe' | 'misfitOf'> = {
    misfitOf: () => null,
    observe: (_closed, deciding, onFailure) => {
      if (deciding === null || 'unfit' in deciding) return;
      asked += 1;
      onFailure!(new SilentCodeError('mine.ts: predict did not answer within 10 s'));
    },
  };
  const notes: string[] = [];
  const deciding = championDeciding({
    models,
    predictor: predictor as LivePredictor,
    note: (text) => notes.push(text),
  });
  return { deciding, asked: () => asked };
}

const closeAt = (closeTimeMs: number): ClosedBars => ({ closeTimeMs, bars: [] });

describe('championDeciding', () => {
  it('does not ask a model again that fell silent after it was told to decide the next close', async () => {
    const { deciding, asked } = makeSilent();
    const [first, second] = [await deciding.decider(1), await deciding.decider(2)];
    expect(second).toEqual({ decidedBy: 'c0ffee', unfit: null });
    expect(await deciding.observe(closeAt(1), first)).toMatch(/did not answer within 10 s$/);
    expect(await deciding.observe(closeAt(2), second)).toMatch(/It is not asked again before the session is restarted/);
    expect(await deciding.decider(3)).toMatchObject({ unfit: expect.stringContaining('not asked again') as string });
    expect(asked()).toBe(1);
  });
});
