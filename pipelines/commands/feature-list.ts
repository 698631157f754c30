import Table from 'cli-table3';
import { catalogue, suggestFeature, type CatalogueEntry } from '../../features/expressions/catalogue.ts';
import { REGISTERED_SETS } from '../../features/expressions/registered-sets.ts';
import type { FeatureSet } from '../../features/feature-set.ts';
import type { CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { isOwnFile } from '../../infra/own-files/own-file.ts';
import { parseFeaturesWithFiles } from '../own-features/own-feature-set.ts';
import { parseTimeframe } from '../timeframe.ts';
import { parseSymbols } from './command-options.ts';
import { wordsOf, type FileFeaturesOptions } from './file-features.ts';
import { listedOwnFile, ownFilesHere, type ListedOwnFile } from '../../infra/own-files/own-files-here.ts';

/** `features --list [NAME]`: every feature that may be written, or all about one. */
export function listFeatures(name: string | true): CommandOutput {
  const all = catalogue();
  if (name === true) {
    const own = ownFilesHere('feature').map(ownEntry);
    return { value: [...all, ...own], text: () => [overview(all), ...own.map(ownText)].join('\n') };
  }
  if (isOwnFile(name)) {
    const own = ownEntry(listedOwnFile(name.replace(/\(.*$/s, ''), 'feature'));
    if (own.mistake !== null) throw new InputError(own.mistake, 'Correct the file.');
    return { value: own, text: () => detail(own) };
  }
  const written = name.toLowerCase().replace(/\(.*$/s, '');
  const entry = all.find((one) => one.name === written);
  if (entry === undefined) throw new InputError(`Unknown feature "${name}".`, suggestFeature(written));
  return { value: entry, text: () => detail(entry) };
}

/**
 * `features --features LIST --list`: the columns that expressions stand for, before anything is read or computed. Any
 * symbol may be named that `--symbol` does not rule out.
 */
export function listColumns(
  features: string,
  { timeframe = '1d', symbol }: Pick<FileFeaturesOptions, 'timeframe' | 'symbol'>,
): CommandOutput {
  const symbols = symbol === undefined ? wordsOf(features) : [parseSymbols(symbol)].flat();
  return columnsOutput(parseFeaturesWithFiles(features, { timeframe: parseTimeframe(timeframe), symbols }));
}

/** The columns of a set, as a table and as they are. */
export function columnsOutput({ columns, warmUpBars, hash, timeframe }: FeatureSet): CommandOutput {
  const value = { count: columns.length, columns, warmUpBars, timeframe, featureSetHash: hash };
  const rest = `${columns.length} columns over bars of ${timeframe}, complete after ${warmUpBars} bars.`;
  return { value, text: () => [...columns, rest].join('\n') };
}

/** A file of this folder in the shape of what is shipped, with what is wrong with it. */
type OwnEntry = CatalogueEntry & Pick<ListedOwnFile, 'file' | 'hash' | 'mistake'>;

function ownEntry({ name, file, hash, mistake, parameters }: ListedOwnFile): OwnEntry {
  const numbers = parameters.map((one) => `${one.name}=${String(one.default)}`);
  return {
    name,
    usage: `${file}(${numbers.join(',')})`,
    closeImplied: false,
    parameters: parameters.map((one) => ({
      name: one.name,
      default: Number(one.default),
      min: one.minimum ?? -Infinity,
      max: one.maximum ?? Infinity,
      integer: one.type === 'integer',
    })),
    options: [],
    outputs: [],
    source: `your own, ${file}`,
    ...{ file, hash, mistake },
  };
}

const ownText = ({ usage, name, mistake }: OwnEntry): string =>
  mistake === null ? `${usage}: your own, its column is called ${name}(...)` : mistake;

function overview(all: readonly CatalogueEntry[]): string {
  const table = new Table({
    head: ['feature', 'outputs', 'options', 'what it is'],
    style: { head: [], border: [], compact: true },
    colWidths: [36, 20, 26, 72],
    wordWrap: true,
  });
  for (const { usage, outputs, options, source } of all) {
    table.push([
      usage,
      outputs.join(' '),
      options.map(({ name, values }) => `${name}=${values.join('|')}`).join(' '),
      source,
    ]);
  }
  const sets = [...REGISTERED_SETS.values()].map(({ name, expressions }) => `${name} (${expressions.length} features)`);
  return [
    table.toString(),
    `${all.length} features. "series" is open, high, low, close, volume, hl2, hlc3, ohlc4 or another feature; most take the close when none is written.`,
    `The first value of an option is its default. Any of them in a longer timeframe: ema(20)@1d. Sets by name: ${sets.join(', ')}.`,
    'All about one: signalbox features --list NAME.',
  ].join('\n');
}

function detail({ usage, closeImplied, parameters, options, outputs, source }: CatalogueEntry): string {
  const lines = [usage, `  ${source}`];
  if (closeImplied) lines.push('  series: the close when none is written');
  for (const { name, default: usual, min, max, integer } of parameters) {
    const range = `${integer ? 'whole number' : 'number'} from ${min} to ${max}`;
    lines.push(`  ${name}: ${range}, ${usual === null ? 'must be given' : `default ${usual}`}`);
  }
  for (const { name, values, meaning } of options) {
    lines.push(`  ${name}=${values.join(` or ${name}=`)}: ${meaning}; default ${values[0]}`);
  }
  if (outputs.length > 0) lines.push(`  outputs: ${outputs.join(', ')}`);
  return lines.join('\n');
}
