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

/** What we read of the package's own description of its data (Frictionless Data Package). */
const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  resources: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      description: z.string().optional(),
      sources: z.array(z.object({ title: z.string(), path: z.string().optional() })).optional(),
    }),
  ),
});

interface SampleFile {
  readonly path: string;
  readonly statement: string;
}

/** Finds the file and the words of its source in the installed package; nothing of either is kept here. */
function locateSample(): SampleFile {
  const require = createRequire(import.meta.url);
  // The package exports its entry point only; its data lies in the folder above the build.
  const root = join(dirname(require.resolve('vega-datasets')), '..');
  const described = packageSchema.parse(JSON.parse(readFileSync(join(root, 'datapackage.json'), 'utf8')));
  const resource = described.resources.find(({ name }) => name === RESOURCE);
  if (resource === undefined) {
    throw new SignalboxError(`The package vega-datasets no longer describes ${RESOURCE}.`, { remedy: 'Run npm ci.' });
  }
  const description = (resource.description ?? '').replaceAll('&amp;', '&').trim();
  const sources = (resource.sources ?? []).map(({ title, path }) => (path === undefined ? title : `${title}, ${path}`));
  return {
    path: join(root, 'data', resource.path),
    statement: `${description} Source: ${sources.join('; ')} (npm package ${described.name} ${described.version}, ${resource.path}).`,
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
