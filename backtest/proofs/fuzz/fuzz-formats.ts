import { createReadStream, readFileSync } from 'node:fs';
import type { Random } from '../../../infra/random.ts';
import { readBackup } from '../../../infra/postgres/backup/read-backup.ts';
import { parseYamlFile } from '../../../infra/files/yaml-file.ts';
import { riskLimitsSchema, NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { loadEnsemble } from '../../../models/ensemble/ensemble-model.ts';
import { decodeEnsemble } from '../../../models/ensemble/serialised-ensemble.ts';
import { loadModel } from '../../../models/estimators/registry.ts';
import { decodeModel, encodeModel, sealModel, type ModelParts } from '../../../models/estimators/serialised-model.ts';
import { loadExperiment } from '../../../models/experiment/load-experiment.ts';
import { none } from '../../../pipelines/calendars/always-open.ts';
import { readBarsFile } from '../../../pipelines/sources/files/bars-file.ts';
import { readInspectableBars } from '../../../pipelines/sources/inspectable-bars.ts';
import { alterBytes } from './alter-bytes.ts';
import { alterText, alterValue } from './alter-text.ts';
import {
  backupSample,
  csvSample,
  ensembleSample,
  modelSample,
  packed,
  parquetSample,
  yamlSample,
} from './fuzz-samples.ts';

/** A format that comes from outside: altered files of it, and what reads them in use. */
export interface FuzzFormat {
  readonly name: string;
  readonly ending: string;
  alter(random: Random): Promise<Buffer>;
  read(path: string): Promise<void>;
}

/** As a backtest reads bars, and as `check` does. */
async function readBars(path: string): Promise<void> {
  await readInspectableBars(path, { calendar: none }, () => undefined);
  await readBarsFile(path);
}

const alterEither = (text: string, random: Random): Buffer =>
  random.next() < 0.3 ? alterBytes(Buffer.from(text), random) : Buffer.from(alterText(text, random));

function alterJson(random: Random): Buffer {
  const kind = random.integer(4);
  if (kind === 0) return alterEither(JSON.stringify(NAMED_LIMITS.standard, null, 2), random);
  if (kind === 1) {
    const { checksum: _checksum, ...parts } = modelSample();
    // Sealed again: the checksum does not save the loader from what it says.
    return encodeModel(sealModel({ ...parts, body: alterValue(parts.body, random, 100) } as ModelParts));
  }
  if (kind === 2) return alterBytes(encodeModel(modelSample()), random);
  const ensemble = ensembleSample();
  const altered = random.next() < 0.5 ? alterEither(ensemble.toString(), random) : undefined;
  return altered ?? Buffer.from(JSON.stringify(alterValue(JSON.parse(ensemble.toString()), random, 1_000)));
}

async function readJson(path: string): Promise<void> {
  const bytes = readFileSync(path);
  if (bytes.subarray(0, 3).toString() === 'SBX') {
    (await loadModel(decodeModel(bytes))).predict(new Float64Array(2), 1);
  } else if (bytes.includes('featureNames')) {
    (await loadEnsemble(decodeEnsemble(bytes))).dispose();
  } else parseYamlFile(riskLimitsSchema, path);
}

/** What `db restore` does with a file before it reaches the database. */
async function readBackupFile(path: string): Promise<void> {
  const bytes = createReadStream(path);
  try {
    const parts = readBackup(bytes, path);
    while ((await parts.next()).done !== true) continue;
  } finally {
    bytes.destroy();
  }
}

const csv = csvSample();
const yaml = yamlSample();
const backup = backupSample();
let parquet: Promise<Buffer> | null = null;

/** Every format, in the order of the proof's cases. */
export const FUZZ_FORMATS: readonly FuzzFormat[] = [
  { name: 'csv', ending: '.csv', alter: async (random) => alterEither(csv, random), read: readBars },
  {
    name: 'gzip',
    ending: '.csv.gz',
    alter: async (random) => (random.next() < 0.5 ? alterBytes(packed(csv), random) : packed(alterEither(csv, random))),
    read: readBars,
  },
  {
    name: 'parquet',
    ending: '.parquet',
    alter: async (random) => alterBytes(await (parquet ??= parquetSample()), random),
    read: readBars,
  },
  {
    name: 'yaml',
    ending: '.yaml',
    alter: async (random) => alterEither(yaml, random),
    read: async (path) => void loadExperiment(path),
  },
  { name: 'json', ending: '.json', alter: async (random) => alterJson(random), read: readJson },
  {
    name: 'backup',
    ending: '.backup',
    alter: async (random) =>
      random.next() < 0.5 ? alterBytes(packed(backup), random) : packed(alterBytes(backup, random)),
    read: readBackupFile,
  },
];
