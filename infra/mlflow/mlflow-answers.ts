import { z } from 'zod';

// Loose on purpose: servers of other versions say more. MLflow leaves empty lists out, hence the defaults. int64 comes
// as a number or as text.

const int64 = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);
const texts = z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]);
const wireNumber = z.union([z.number(), z.string().transform(Number)]);
const metric = z.object({ key: z.string(), value: wireNumber, timestamp: int64, step: int64.default(0) });

export const nothing = z.looseObject({});

const experiment = z.object({
  experiment_id: z.string(),
  name: z.string(),
  lifecycle_stage: z.string().default('active'),
  tags: texts,
});
export type MlflowExperiment = z.infer<typeof experiment>;
export const experimentAnswer = z.object({ experiment });
export const experimentCreated = z.object({ experiment_id: z.string() });

const run = z.object({
  info: z.object({
    run_id: z.string(),
    run_name: z.string().default(''),
    experiment_id: z.string(),
    status: z.string(),
    start_time: int64.optional(),
    end_time: int64.optional(),
    artifact_uri: z.string().default(''),
  }),
  data: z.object({ params: texts, tags: texts, metrics: z.array(metric).default([]) }).prefault({}),
  inputs: z
    .object({
      dataset_inputs: z
        .array(z.object({ tags: texts, dataset: z.looseObject({ name: z.string(), digest: z.string() }) }))
        .default([]),
    })
    .prefault({}),
  outputs: z.object({ model_outputs: z.array(z.object({ model_id: z.string() })).default([]) }).prefault({}),
});
export type MlflowRun = z.infer<typeof run>;
export const runAnswer = z.object({ run });
export const runsFound = z.object({ runs: z.array(run).default([]), next_page_token: z.string().optional() });

export type MlflowMetric = z.infer<typeof metric>;
export const metricsFound = z.object({ metrics: z.array(metric).default([]), next_page_token: z.string().optional() });

const file = z.object({ path: z.string(), is_dir: z.boolean().default(false), file_size: int64.optional() });
export type MlflowFile = z.infer<typeof file>;
export const filesFound = z.object({ files: z.array(file).default([]), next_page_token: z.string().optional() });

const registeredModel = z.object({ name: z.string(), tags: texts });
export type MlflowRegisteredModel = z.infer<typeof registeredModel>;
export const registeredModelAnswer = z.object({ registered_model: registeredModel });

const modelVersion = z.object({
  name: z.string(),
  version: z.union([z.string(), z.number().transform(String)]),
  source: z.string().default(''),
  run_id: z.string().default(''),
  aliases: z.array(z.string()).default([]),
  tags: texts,
});
export type MlflowModelVersion = z.infer<typeof modelVersion>;
export const modelVersionAnswer = z.object({ model_version: modelVersion });
export const modelVersionsFound = z.object({
  model_versions: z.array(modelVersion).default([]),
  next_page_token: z.string().optional(),
});

const loggedModel = z.object({
  info: z.object({
    model_id: z.string(),
    experiment_id: z.string(),
    name: z.string().default(''),
    artifact_uri: z.string().default(''),
    status: z.string().default(''),
    source_run_id: z.string().default(''),
    tags: texts,
  }),
});
export type MlflowLoggedModel = z.infer<typeof loggedModel>;
export const loggedModelAnswer = z.object({ model: loggedModel });
export const loggedModelsFound = z.object({
  models: z.array(loggedModel).default([]),
  next_page_token: z.string().optional(),
});
