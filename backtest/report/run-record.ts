import { z } from 'zod';
import { sourceState } from '../../infra/git.ts';
import { programVersion } from '../../infra/program-version.ts';
import type { ReportInput } from './report-input.ts';

const hash = z.string().nullable();

/** What is known of a run besides its result: kept beside it as `run.json`. */
const runRecordSchema = z.object({
  kind: z.enum(['experiment', 'rules', 'walk-forward', 'search']),
  title: z.string(),
  currency: z.string().nullable(),
  data: z.object({ title: z.string(), timeframe: z.string().nullable(), simulated: z.boolean() }).nullable(),
  costs: z.record(z.string(), z.unknown()).nullable(),
  hashes: z.object({ experiment: hash, data: hash, features: hash, training: hash }),
  versions: z.record(z.string(), z.string()),
  /** Id of the session that the database keeps of it. */
  session: z.string().nullable(),
  made: z.iso.datetime(),
});

export type RunRecord = z.infer<typeof runRecordSchema>;

/** What `run.json` holds; null for what is none, as an older or a later version wrote it. */
export function parseRunRecord(document: unknown): RunRecord | null {
  const parsed = runRecordSchema.safeParse(document);
  return parsed.success ? parsed.data : null;
}

interface RecordedRun extends Pick<RunRecord, 'kind'> {
  readonly session?: string | null;
  readonly madeAtMs: number;
  /** Beside what the report identifies itself by. */
  readonly hashes?: Partial<RunRecord['hashes']>;
}

/** The record of a run from its report. */
export function runRecord(report: ReportInput, { kind, session = null, madeAtMs, hashes }: RecordedRun): RunRecord {
  const { title, data, costs, currency, identification } = report;
  const named = (label: string): string | null => identification.find((one) => one.label === label)?.value ?? null;
  return {
    ...{ kind, title, currency, costs: { ...costs }, session },
    data: { title: data.title, timeframe: data.timeframe, simulated: data.simulated },
    hashes: {
      experiment: named('Experiment hash'),
      data: named('Data hash'),
      features: named('Feature set hash'),
      training: named('Training hash'),
      ...hashes,
    },
    versions: versionsNow(named('TensorFlow.js backend')),
    made: new Date(madeAtMs).toISOString(),
  };
}

/** What computes here. */
export function versionsNow(backend: string | null = null): RunRecord['versions'] {
  const { commit, dirty } = sourceState();
  return {
    signalbox: programVersion(),
    node: process.versions.node,
    ...(commit === null ? {} : { commit: `${commit}${dirty ? ', modified' : ''}` }),
    ...(backend === null ? {} : { tensorflow: backend }),
  };
}
