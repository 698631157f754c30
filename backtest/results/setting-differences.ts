import type { KeptRun } from './kept-run.ts';
import { flattened } from './flattened.ts';
import { kindOf, runHashes } from './kept-run.ts';

/** A setting in which runs differ: one value for each run, null where it has none. */
export interface SettingDifference {
  readonly group: string;
  readonly name: string;
  readonly values: readonly unknown[];
}

/** Settings in which runs differ, by group: what is the same in all of them is left out. */
export function settingDifferences(runs: readonly KeptRun[]): SettingDifference[] {
  const settings = runs.map(settingsOf);
  const groups = Object.keys(settings[0] ?? {});
  return groups.flatMap((group) => {
    const flat = settings.map((of) => flattened(of[group]));
    const names = [...new Set(flat.flatMap((one) => [...one.keys()]))];
    return names
      .map((name) => ({ group, name, values: flat.map((one) => one.get(name) ?? null) }))
      .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
  });
}

function settingsOf(run: KeptRun): Readonly<Record<string, unknown>> {
  const { summary, document, record } = run;
  const { experiment = null, strategy, from, to, bars, initialCapital = null } = summary;
  return {
    run: { kind: kindOf(run), experiment, strategy, capital: initialCapital },
    data: { from, to, bars, title: record?.data?.title ?? null, timeframe: record?.data?.timeframe ?? null },
    parameters: summary.parameters,
    costs: record?.costs,
    limits: document['limits'],
    hashes: runHashes(run),
    versions: record?.versions,
  };
}
