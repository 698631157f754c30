import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { readDecisions } from '../../../models/promotion/decision-store.ts';
import { plantedBars } from '../../../pipelines/sources/made-up/planted-bars.ts';
import { ConsoleUnderTest, type Visit } from '../../../trading/console/testing/console-under-test.ts';
import { seriousFaults } from '../../../trading/console/testing/serious-faults.ts';
import { makePlantedPlace } from '../../testing/planted-place.ts';

const NAME = 'shown';
/** A penalty so strong that the model knows nothing and never trades. */
const IGNORANT = { estimators: [{ name: 'linear', kind: 'logistic-regression', l1Ratio: 1, strength: 10 }] };
const folder = mkdtempSync(join(tmpdir(), 'signalbox-models-screen-'));

describeWith('chromium', 'the screen of models', () => {
  let database: TestDatabase;
  let under: ConsoleUnderTest;
  let visit: Visit;

  beforeAll(async () => {
    database = await createTestDatabase();
    const bars = plantedBars({ symbol: 'MADE', bars: 1100, seed: 11, correlation: 0.3 });
    const place = makePlantedPlace(database, { folder, name: NAME, bars });
    place.show(1100);
    await place.train();
    await place.crown();
    place.change(IGNORANT);
    await place.train();
    under = await ConsoleUnderTest.begin(database, 'walking');
    visit = await under.open();
    await under.welcomeAdministrator(visit.page);
  });
  afterAll(async () => {
    await under?.end();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const open = async (): Promise<Page> => {
    const { page } = visit;
    await page.goto('/models');
    await page.getByRole('table', { name: 'Models' }).getByText(`${NAME}@2`).waitFor();
    return page;
  };

  it('shows a version with its card, its calibration, how it does since, and what was decided', async () => {
    const page = await open();
    await page.getByRole('button', { name: `${NAME}@1`, exact: true }).click();
    const version = page.getByRole('region', { name: `Version ${NAME}@1` });
    await version.getByText('linear (logistic-regression)').waitFor();
    await version.getByText('Only for MADE').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await version.getByRole('tab', { name: 'Calibration' }).click();
    await version.getByRole('img', { name: /^Calibration of predictions/ }).waitFor();
    await version.getByRole('tab', { name: 'Monitoring' }).click();
    await version.getByText('Nobody has looked at it yet').waitFor();
    await version.getByRole('tab', { name: 'Predictions' }).click();
    await version.getByRole('table', { name: 'Predictions' }).getByText('MADE').waitFor();
    await version.getByRole('tab', { name: 'Decisions' }).click();
    await version
      .getByText(/better: /)
      .first()
      .waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('compares versions', async () => {
    const page = await open();
    await page.getByRole('checkbox', { name: `Compare ${NAME}@1` }).check();
    await page.getByRole('checkbox', { name: `Compare ${NAME}@2` }).check();
    const table = page.getByRole('table', { name: 'Comparison of versions' });
    await table.getByRole('row').filter({ hasText: 'Log loss' }).waitFor();
    await table.getByText('MADE').first().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('offers a version to the gate, forces what it refuses by a reason, and goes back', async () => {
    const page = await open();
    const outcomes = async (): Promise<string[]> =>
      (await readDecisions(database.pool, NAME)).map(({ outcome }) => outcome);
    const before = (await outcomes()).length;
    await page.getByRole('button', { name: `${NAME}@2`, exact: true }).click();
    await page.getByRole('button', { name: 'Promote', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Promote' });
    await dialog.getByRole('button', { name: 'Offer to the gate' }).click();
    await dialog.getByText(`${NAME}@2 is refused`).waitFor();
    await dialog.getByText(/better: /).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('checkbox', { name: 'Promote it although the gate refuses' }).check();
    expect(await dialog.getByRole('button', { name: 'Promote all the same' }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: /Why/ }).fill('to see it trade');
    await dialog.getByRole('button', { name: 'Promote all the same' }).click();
    await dialog.getByText('is the champion now, by force').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('button', { name: 'Roll back' }).click();
    const back = page.getByRole('dialog', { name: 'Roll back' });
    await back.getByRole('checkbox', { name: 'Go back although it has expired' }).check();
    await back.getByRole('textbox', { name: /Why/ }).fill('the older one was better');
    await back.getByRole('button', { name: 'Roll back' }).click();
    await back.getByText(`${NAME}@1 is the champion again`).waitFor();
    expect((await outcomes()).slice(before)).toEqual(['refused', 'overridden', 'rolled-back']);
    expect(visit.said).toEqual([]);
  });
});
