import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { writePrivateFile } from '../../../infra/files/private-file.ts';
import type { CaseContext, CaseFigures, Proof } from '../proof.ts';
import { checkoutIn } from './checkout-copy.ts';
import { execute, INSTALL_MS_MAX, nodeOf, succeed, type Where } from './installed-version.ts';

const VERSIONS = ['20.20.0', '24.21.0'];

/** What a program in TypeScript says of the package: types of each function, and one that must not pass. */
const TYPED = `
import { backtest, barsOf, column, dataset, features, fit, sampleBars, walkForward } from 'signalbox';
import type { BarColumns, BacktestResult, Dataset, FittedModel, OwnStrategy } from 'signalbox';

const strategy: OwnStrategy<{ bars: number }> = {
  parameters: { bars: { default: 5, min: 1, whole: true } },
  create: ({ bars }) => ({ decide: (view) => (view.length > bars && view.close() > view.close(bars) ? 'BUY' : 'SELL') }),
};
const bars: BarColumns = barsOf('A', [{ time: 0, open: 1, high: 1, low: 1, close: 1 }]);
const rows: Dataset = dataset({ features: ['rsi(14)'] }, await sampleBars());
const model: FittedModel = await fit('random-forest', rows);
const result: BacktestResult = await backtest(strategy, bars);
export const all = [features('rsi(14)', bars).map((table) => column(table, 'rsi(14)')), model, result.sharpe];
export const walked: number = (await walkForward({ seed: 3 }, bars)).predictions.rows;
`;
/** An experiment has no such key. */
const MISTYPED =
  "import { sampleBars, walkForward } from 'signalbox';\nawait walkForward({ sead: 3 }, await sampleBars());\n";

/** What the compiler says of a program in the project; null where nothing is wrong with it. */
async function typesOf(program: string, at: Where): Promise<string | null> {
  writePrivateFile(join(at.cwd, 'typed.ts'), program);
  const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck'];
  const { code, output } = await execute(['node_modules/.bin/tsc', ...strict, '--types', 'node', 'typed.ts'], at);
  return code === 0 ? null : output.slice(0, 2_000);
}

async function runCase({ config, index }: CaseContext): Promise<CaseFigures> {
  const version = VERSIONS[index % VERSIONS.length]!;
  const node = await nodeOf(join(config.dataDir, 'matrix'), version, config.programPath);
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-package-'));
  try {
    const beganMs = performance.now();
    // The machine's own npm knows how it reaches the registry; what was installed runs on the version in question.
    const where = { cwd: folder, env: { PATH: config.programPath }, timeoutMs: INSTALL_MS_MAX };
    const copy = checkoutIn(folder, config.programPath);
    await succeed(['npm', 'pack', '--pack-destination', folder], { ...where, cwd: copy });
    const packed = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
    const project = join(folder, 'project');
    mkdirSync(project);
    writePrivateFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    const install = ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed)];
    await succeed(install, { ...where, cwd: project });
    const at = { ...where, cwd: project, env: { PATH: [dirname(node), config.programPath].join(delimiter) } };
    // Out of the package: a program that stands in it would find it by another way.
    const examples = join(project, 'node_modules', 'signalbox', 'examples');
    const names = readdirSync(examples).filter((name) => name.endsWith('.mjs'));
    for (const name of names) cpSync(join(examples, name), join(project, name));
    let failed = 0;
    for (const name of names) failed += (await execute([node, name], at)).code === 0 ? 0 : 1;
    const types = await typesOf(TYPED, at);
    const noticed = (await typesOf(MISTYPED, at))?.includes("'sead' does not exist") === true;
    const command = await execute(['npx', '--no-install', 'signalbox', '--version'], at);
    return {
      node: version,
      examples: names.length,
      failed,
      types: types ?? (noticed ? 'hold' : 'a wrong key is not noticed'),
      command: command.code === 0 ? command.output.trim() : command.output.slice(0, 2_000),
      seconds: Math.round((performance.now() - beganMs) / 1_000),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `npm pack` makes of a checkout is of use in an empty folder. */
export const PACKAGE_PROOF: Proof = {
  name: 'package',
  shows: 'the packed library, in an empty project on Node 20 and 24: its examples, its types, its command',
  count: VERSIONS.length,
  run: runCase,
  conclude: (cases) => ({
    holds: cases.every(
      ({ examples, failed, types, command }) =>
        Number(examples) > 0 && failed === 0 && types === 'hold' && /^\d+\.\d+\.\d+/.test(String(command)),
    ),
    figures: Object.fromEntries(cases.map(({ node, seconds, ...rest }) => [String(node), JSON.stringify(rest)])),
  }),
};
