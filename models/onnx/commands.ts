import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { requireOwnOutput } from '../../infra/files/output-file.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import { sha256 } from '../../infra/hash.ts';

/** Adds `export` to the `models` command. */
export function registerModelExport(models: Command): void {
  const command = addCommand(models, 'export <model>', 'write a version for other programs: NAME@3 as ONNX');
  command.option('--format <FORMAT>', 'onnx', 'onnx');
  command.requiredOption('--out <FILE>', 'the file to write');
  bindAction<ExportOptions>(command, (context, options, reference) => exportModel(context, options, reference!));
}

interface ExportOptions {
  readonly format: string;
  readonly out: string;
  readonly config?: string;
}

/** `models export MODEL`: the scaler, every member and, where it can be written, all of them together. */
async function exportModel(
  context: CommandContext,
  { format, out, config }: ExportOptions,
  reference: string,
): Promise<CommandOutput> {
  if (format !== 'onnx') throw new InputError(`--format ${format} is not written.`, 'Use --format onnx.');
  await requireOwnOutput({ option: '--out', path: out }, [{ option: '--config', path: config }]);
  const { pool } = await context.database();
  const [{ findVersion, readModel }, { loadEnsemble }, { decodeEnsemble }, { ensembleOnnx }] = await Promise.all([
    import('../registry/model-store.ts'),
    import('../ensemble/ensemble-model.ts'),
    import('../ensemble/serialised-ensemble.ts'),
    import('./ensemble-onnx.ts'),
  ]);
  const { name, version, modelHash } = await findVersion(pool, reference);
  const ensemble = await loadEnsemble(decodeEnsemble((await readModel(pool, modelHash)).content));
  try {
    const { bytes, featureNames, outputs, withoutProbability } = ensembleOnnx(`${name}@${version}`, ensemble);
    await writeWholeFile(out, bytes);
    const model = `${name}@${version}`;
    const value = { model, file: out, sha256: sha256(bytes), features: featureNames, outputs, withoutProbability };
    const without = withoutProbability === null ? '' : ` No output for all together: ${withoutProbability}.`;
    const input = `input features: 64-bit numbers, one row of ${featureNames.length} in the order of \`models show\``;
    return { value, text: () => `${model} written to ${out}: ${input}; outputs ${outputs.join(', ')}.${without}` };
  } finally {
    ensemble.dispose();
  }
}
