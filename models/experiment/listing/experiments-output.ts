import { existsSync, readdirSync } from 'node:fs';
import type { CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { plainTable } from '../../../infra/terminal/plain-table.ts';
import { stringify } from 'yaml';
import { experimentJsonSchema } from '../described/json-schema.ts';
import { experimentPath, heldNameOf, shippedExperiments } from '../experiment-names.ts';
import type { Experiment } from '../experiment.ts';
import { loadExperiment } from '../load-experiment.ts';

const YAML = /\.ya?ml$/;

/** An experiment as it is listed; `mistake` is what is wrong with one that cannot be read. */
interface ListedExperiment {
  readonly asked: string;
  readonly name: string | null;
  readonly from: 'shipped' | 'here';
  readonly path: string;
  readonly source: string | null;
  readonly timeframe: string | null;
  readonly universe: string | null;
  readonly trades: string | null;
  readonly mistake: string | null;
}

/** Experiments that come along, and files of this folder that hold the name of one. */
export function experimentsOutput(): CommandOutput {
  const here = readdirSync('.').filter((file) => YAML.test(file) && heldNameOf(file) !== null);
  const found = [
    ...shippedExperiments().map((asked) => listed(asked, 'shipped')),
    ...here.sort().map((asked) => listed(asked, 'here')),
  ];
  return { value: found, text: () => tableOf(found) };
}

function listed(asked: string, from: ListedExperiment['from']): ListedExperiment {
  const path = experimentPath(asked);
  const nothing = { source: null, timeframe: null, universe: null, trades: null };
  try {
    const experiment = loadExperiment(path);
    const { name, data } = experiment;
    const about = { source: data.source, timeframe: data.timeframe, universe: universeOf(experiment) };
    return { asked, name, from, path, ...about, trades: tradesOf(experiment), mistake: null };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { asked, name: heldNameOf(path), from, path, ...nothing, mistake: error.message };
  }
}

function universeOf({ universe }: Experiment): string {
  if (typeof universe === 'string') return universe;
  const shown = universe.slice(0, 4).join(', ');
  return universe.length > 4 ? `${shown} and ${universe.length - 4} more` : shown;
}

function tradesOf({ strategies, estimators }: Experiment): string {
  if (strategies !== undefined) return strategies.map(({ name }) => name).join(', ');
  return `ensemble of ${estimators.map(({ kind }) => kind).join(', ')}`;
}

function tableOf(found: readonly ListedExperiment[]): string {
  const table = plainTable(
    ['experiment', 'name', 'source', 'bars', 'universe', 'trades'],
    found.map((one) => [
      one.asked,
      one.name,
      one.source,
      one.timeframe,
      one.universe,
      (one.mistake ?? one.trades)?.replaceAll(', ', '\n') ?? null,
    ]),
  );
  return `${table}\nsignalbox experiments show NAME has every key; signalbox run NAME is the main job.`;
}

/** One experiment with every key, those too that its file leaves to their defaults. InputError for its mistakes. */
export function experimentOutput(asked: string): CommandOutput {
  const path = experimentPath(asked);
  const { featureFiles: _files, ...experiment } = loadExperiment(path);
  const plain: unknown = JSON.parse(JSON.stringify(experiment));
  const where = existsSync(asked) ? asked : path;
  return { value: plain, text: () => `# ${where}, with the defaults of every key\n${stringify(plain)}` };
}

/** The JSON schema of an experiment, as editors read it. */
export function schemaOutput(): CommandOutput {
  const value = experimentJsonSchema();
  return { value, text: () => JSON.stringify(value, null, 2) };
}
