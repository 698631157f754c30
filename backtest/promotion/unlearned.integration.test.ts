import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../../infra/testing/test-database.ts';
import { cardMarkdown } from '../../models/promotion/card-markdown.ts';
import { readModelCard } from '../../models/promotion/model-card.ts';
import { findVersion } from '../../models/registry/model-store.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { makePlantedPlace } from '../testing/planted-place.ts';

it('card and result name the features that a training could learn nothing from', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-unlearned-'));
  const database = await createTestDatabase();
  try {
    const bars = plantedBars({ symbol: 'MADE', bars: 900, seed: 12, correlation: 0.3 });
    const sections = { features: ['return(1)', 'closelocation()', 'difference(close,close)'] };
    const place = makePlantedPlace(database, { folder, name: 'unlearned', bars, sections });
    place.show(900);
    await place.train();
    const card = await readModelCard(database.pool, await findVersion(database.pool, 'unlearned@1'));
    const [finding] = card.findings;
    expect(finding).toMatch(/^feature .* is constant: nothing is learned from it$/);
    expect(cardMarkdown(card)).toContain(`- ${finding}`);
    expect(card.backtest!.reasons).toContain(`training rows of every fold: ${finding}.`);
  } finally {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
});
