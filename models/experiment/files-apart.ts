import type { CompiledOwnFile } from '../../infra/own-files/own-file.ts';
import { rememberFile } from '../estimators/own/known-files.ts';
import { experimentSchema, type Experiment } from './experiment.ts';

/** The experiment as it could be written without the user's files, for its schema to check. */
function withoutFiles({ featureFiles: _files, sizing, costs, ...rest }: Experiment): unknown {
  const { own: sizer, ...sized } = sizing ?? {};
  const { own: _model, ...charged } = costs ?? {};
  return { ...rest, costs: charged, sizing: sizer === undefined ? sized : { ...sized, kind: 'equal-weight' } };
}

/**
 * A resolved experiment that was stored, or changed, checked again: keys of later versions get their defaults. The
 * user's files stay what they were when it was read, wherever it is used.
 */
export function checkedAgain(stored: Experiment): Experiment {
  const { featureFiles, sizing, costs } = stored;
  const checked = experimentSchema.parse(withoutFiles(stored));
  for (const { code } of checked.estimators) if (isCompiled(code)) rememberFile(code);
  return {
    ...checked,
    ...(sizing?.own === undefined ? {} : { sizing: { ...checked.sizing, kind: sizing.kind, own: sizing.own } }),
    ...(costs?.own === undefined ? {} : { costs: { ...checked.costs, own: costs.own } }),
    ...(featureFiles === undefined ? {} : { featureFiles }),
  };
}

function isCompiled(code: unknown): code is CompiledOwnFile {
  return typeof (code as { script?: unknown } | undefined)?.script === 'string';
}
