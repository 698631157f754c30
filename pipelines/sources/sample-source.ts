import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { InputError, SignalboxError } from '../../infra/errors.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import type { DataOptions } from '../data-options.ts';
import { SAMPLE_SYMBOL } from './named-universe.ts';
import type { BarSource } from './bar-source.ts';
import { readBarsFile } from './files/bars-file.ts';
import { createMemorySource } from './made-up/memory-source.ts';

/** The S&P 500 index, daily, 2000-01-03 to 2020-04-17. */
const RESOURCE = 'sp500_2000';
const PACKAGE_PAGE = 'https://github.com/vega/vega-datasets';
/** The page of the Dow Jones index, as the package's description links it. */
const OTHER_INDEX = '%5EDJI';

/** What we read of the package's own description of its data (Frictionless Data Package). */
const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  resources: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      sources: z.array(z.object({ title: z.string(), path: z.string().optional() })).optional(),
    }),
  ),
});

interface SampleFile {
  readonly path: string;
  readonly statement: string;
}

/**
 * Finds the file in the installed package, and says what it is: the package names the source, and since its link there
 * leads to another index (the Dow Jones), that link is told apart from what the values are.
 */
export function locateSample(): SampleFile {
  const require = createRequire(import.meta.url);
  // The package exports its entry point only; its data lies in the folder above the build.
  const root = join(dirname(require.resolve('vega-datasets')), '..');
  const described = packageSchema.parse(JSON.parse(readFileSync(join(root, 'datapackage.json'), 'utf8')));
  const resource = described.resources.find(({ name }) => name === RESOURCE);
  if (resource === undefined) {
    throw new SignalboxError(`The package vega-datasets no longer describes ${RESOURCE}.`, { remedy: 'Run npm ci.' });
  }
  const sources = resource.sources ?? [];
  const strayed = sources.some(({ path = '' }) => path.includes(OTHER_INDEX));
  return {
    path: join(root, 'data', resource.path),
    statement:
      `S&P 500 index, daily: ${resource.path} of the npm package ${described.name} ${described.version} (${PACKAGE_PAGE}), ` +
      `which names ${sources.map(({ title }) => title).join(', ') || 'nobody'} as its source.` +
      (strayed ? ' Its link there leads to the Dow Jones index; the values are those of the S&P 500.' : ''),
  };
}

/**
 * The real daily S&P 500 bars that come with the npm package `vega-datasets`. Throws InputError for any other symbol or
 * bar size.
 */
export function createSampleSource(symbols: readonly string[] | undefined, data: DataOptions): BarSource {
  const other = symbols?.find((symbol) => symbol !== SAMPLE_SYMBOL);
  if (other !== undefined) {
    throw new InputError(
      `The sample has no symbol "${other}": it holds ${SAMPLE_SYMBOL}.`,
      `Set universe: [${SAMPLE_SYMBOL}], or another data.source.`,
    );
  }
  if (data.timeframe !== '1d') {
    throw new InputError(`The sample holds daily bars, not ${data.timeframe}.`, 'Set data.timeframe: 1d.');
  }
  const { path, statement } = locateSample();
  return createMemorySource({
    name: 'sample',
    load: () =>
      readBarsFile(path, { symbols: [SAMPLE_SYMBOL], calendar: calendarNamed(data.calendar), timeframe: '1d' }),
    describe: (symbol) => ({
      source: 'sample',
      origin: RESOURCE,
      symbol,
      timeframe: '1d',
      calendar: data.calendar,
      instrument: { symbol, assetClass: 'index', currency: 'USD', tick: 0.01, lot: 1, sector: null },
      sourceStatement: statement,
    }),
  });
}
