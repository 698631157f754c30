import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { readVersion } from '../deployed/strategy-store.ts';
import { stopStrategies } from '../deployed/testing/stop-strategies.ts';
import { ConsoleUnderTest, type Visit } from './testing/console-under-test.ts';
import { faultsInEveryLook, seriousFaults } from './testing/serious-faults.ts';

const YAML = `# Mine.
name: made-up-trend
universe: simulated-2
data: { source: simulated, simulated: { symbols: 2, bars: 4000, seed: 3 } }
strategies:
  - { name: trend, kind: sma-cross, parameters: { fast: 2, slow: 5 } } # quick
capital: 100000 # to begin with
`;

describeWith('chromium', 'strategies in the console', () => {
  const home = mkdtempSync(join(tmpdir(), 'console-strategies-'));
  let database: TestDatabase;
  let under: ConsoleUnderTest;
  let visit: Visit;

  beforeAll(async () => {
    database = await createTestDatabase();
    vi.stubEnv('DATABASE_URL', database.url);
    vi.stubEnv('SIGNALBOX_HOME', home);
    under = await ConsoleUnderTest.begin(database, 'walking');
    visit = await under.open();
    await under.welcomeAdministrator(visit.page);
  });
  afterAll(async () => {
    await stopStrategies(database);
    await under?.end();
    await database.drop();
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true, force: true });
  });

  const yamlBox = () => visit.page.getByRole('textbox', { name: 'Experiment as YAML' });
  const confirm = async (action: string, reason: string): Promise<void> => {
    const { page } = visit;
    await page.getByRole('main').getByRole('button', { name: action, exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /Why/ }).fill(reason);
    await dialog.getByRole('button', { name: `${action} it` }).click();
    await dialog.waitFor({ state: 'hidden' });
  };

  it('keeps one whose form and YAML are two sides of the same', async () => {
    const { page } = visit;
    await page.getByRole('link', { name: 'Strategies', exact: true }).click();
    await page.getByText('No strategy is kept yet.').waitFor();
    await page.getByRole('button', { name: 'New strategy' }).click();
    await page.getByRole('textbox', { name: 'Name of the strategy' }).fill('my-trend');
    await yamlBox().fill(YAML);
    const capital = page.getByRole('textbox', { name: /^Capital/ });
    await expect.poll(() => capital.inputValue()).toBe('100000');
    await capital.fill('50000');
    await expect.poll(() => yamlBox().inputValue()).toBe(YAML.replace('100000 #', '50000 #'));
    const fast = page.getByRole('textbox', { name: /^Fast/ });
    await fast.fill('3');
    await expect.poll(() => yamlBox().inputValue()).toContain('fast: 3, slow: 5 } } # quick');
    expect(visit.said).toEqual([]);
  });

  it('shows a mistake at its key and at its line, and does not keep it', async () => {
    const { page } = visit;
    const slow = page.getByRole('textbox', { name: /^Slow/ });
    await slow.fill('1');
    await page.getByRole('button', { name: 'Line 6' }).first().waitFor();
    await expect.poll(() => slow.getAttribute('aria-invalid')).toBe('true');
    await expect.poll(() => page.getByRole('button', { name: 'Keep the strategy' }).isDisabled()).toBe(true);
    expect(await seriousFaults(page)).toEqual([]);
    await slow.fill('8');
    await page.getByText('Nothing is wrong with it.').waitFor();
    await page.getByRole('textbox', { name: /^Speed of a replay/ }).fill('345600');
    await page.getByRole('textbox', { name: /^Why/ }).fill('to see');
    await page.getByRole('button', { name: 'Keep the strategy' }).click();
    await page.getByRole('heading', { level: 1, name: 'my-trend' }).waitFor();
    const kept = await readVersion(database.pool, 'my-trend', 1);
    expect(kept).toMatchObject({ madeBy: 'admin', reason: 'to see', settings: { speed: 345_600 } });
    expect(kept!.yaml).toContain('capital: 50000 # to begin with');
  });

  it('starts, pauses, resumes and stops it, each after a confirmation', async () => {
    const { page } = visit;
    const stands = (word: string) => page.getByRole('main').getByText(word, { exact: true }).first().waitFor();
    await stands('stopped');
    await confirm('Start', 'the market is open');
    await stands('running');
    await page.getByRole('link', { name: 'my-trend-v1-1' }).waitFor();
    await confirm('Pause', 'news');
    await stands('paused');
    await confirm('Resume', 'no news');
    await stands('running');
    await yamlBox().fill((await yamlBox().inputValue()).replace('slow: 8', 'slow: 9'));
    await page.getByRole('button', { name: 'Keep as a new version' }).click();
    await page.getByText('An older version runs').waitFor();
    await confirm('Restart', 'slower');
    await page.getByRole('link', { name: 'my-trend-v2-2' }).waitFor();
    await stands('running');
    await confirm('Stop', 'enough');
    await stands('stopped');
    const said = (await newestEntries(database.pool, { limit: 50 })).map(({ actor, action, reason }) => ({
      actor,
      action,
      reason,
    }));
    expect(said).toContainEqual({ actor: 'admin', action: 'strategy-pause', reason: 'news' });
  });

  it('shows what differs between versions', async () => {
    const { page } = visit;
    await page.getByRole('tab', { name: 'Versions' }).click();
    const differences = page.getByRole('region', { name: 'Differences' });
    await differences.getByText(/^- .*slow: 8/).waitFor();
    await differences.getByText(/^\+ .*slow: 9/).waitFor();
    expect(await page.getByRole('table', { name: 'Versions' }).getByRole('row').count()).toBe(3);
  });

  it('does not let one overwrite what another has kept meanwhile', async () => {
    const { page } = visit;
    await page.getByRole('tab', { name: 'Experiment' }).click();
    await yamlBox().fill((await yamlBox().inputValue()).replace('slow: 9', 'slow: 10'));
    const { context } = visit;
    const csrf = (await context.cookies()).find(({ name }) => name === 'signalbox_csrf')!.value;
    const data = { version: 2, yaml: YAML, reason: 'by another' };
    const other = await context.request.put('/api/v1/strategies/my-trend', { data, headers: { 'x-csrf-token': csrf } });
    expect(other.status(), await other.text()).toBe(200);
    await page.getByText('Version 3 was kept meanwhile').waitFor();
    await page.getByRole('button', { name: 'Keep as a new version' }).click();
    await page.getByText('is not the newest: that is 3').waitFor();
    await page.getByRole('button', { name: 'Show it, and forget what is written here' }).click();
    await expect.poll(() => yamlBox().inputValue()).toBe(YAML);
    // The browser notes by itself that the older one was refused.
    expect(visit.said.splice(0)).toEqual([expect.stringContaining('status of 412')]);
  });

  it('backtests the newest version, and leads to the run that it left', async () => {
    const { page } = visit;
    await page.getByRole('button', { name: 'Backtest it' }).click();
    await page.getByText('Backtest of my-trend, version 3').waitFor();
    expect(new URL(page.url()).pathname).toBe('/backtests');
    await page.getByRole('link', { name: 'Open the run' }).click();
    await page.getByRole('heading', { level: 1, name: /^backtest-made-up-trend-/ }).waitFor();
    expect(visit.said).toEqual([]);
  });

  it('can be used by everybody, in every look', async () => {
    const { page } = visit;
    for (const path of ['/strategies', '/strategies/my-trend', '/new-strategy']) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(() => page.getByText('Loading').count()).toBe(0);
      expect(await faultsInEveryLook(page), path).toEqual([]);
    }
    expect(visit.said).toEqual([]);
  });
});
