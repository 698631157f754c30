import { z } from 'zod';
import { InputError } from '../../infra/errors.ts';
import { compileOwnFile } from '../../infra/own-files/compile-own-file.ts';
import { evaluateOwnFile } from '../../infra/own-files/evaluate-own-file.ts';
import {
  isOwnFile,
  type CompiledOwnFile,
  type OwnKind,
  type OwnParameters,
  type ParameterValue,
} from '../../infra/own-files/own-file.ts';
import { ownParameters } from '../../infra/own-files/own-parameters.ts';

/** Keys by which a part of an experiment names a user's file, relative to the working directory. */
export const ownFileKeys = {
  file: z.string().min(1).optional(),
  parameters: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).optional(),
};

/** A file as it is used: what was compiled of it, and its parameters. It is part of the experiment, and of its hash. */
export interface UsedOwnFile {
  readonly code: CompiledOwnFile;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

interface OwnPart extends UsedOwnFile {
  /** The default export. */
  readonly own: OwnParameters;
}

/**
 * Compiles the file and completes its parameters.
 * @throws InputError with file:line:column, or naming the parameter.
 */
export function ownPart(kind: OwnKind, file: string, given: Readonly<Record<string, unknown>> = {}): OwnPart {
  const code = compileOwnFile(file, kind);
  const own = evaluateOwnFile(code) as OwnParameters | null | undefined;
  if (typeof own?.parameters !== 'object' || own.parameters === null) {
    throw new InputError(`${file}: the default export must have parameters`, 'Add parameters: {}.');
  }
  return { code, own, parameters: ownParameters(code.name, own, given) };
}

/** The same while an experiment is read: a mistake is one of the key `file`, or of `parameters`. */
export function ownPartIn(
  kind: OwnKind,
  { file, parameters }: { file?: string | undefined; parameters?: Record<string, unknown> | undefined },
  context: z.core.$RefinementCtx,
): OwnPart | null {
  if (file === undefined) {
    if (parameters !== undefined) {
      context.addIssue({ code: 'custom', path: ['parameters'], message: 'are of a file: give file too' });
    }
    return null;
  }
  try {
    return ownPart(kind, file, parameters);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    context.addIssue({
      code: 'custom',
      path: ['file'],
      message: error.message,
      params: { whole: true, remedy: error.remedy },
    });
    return null;
  }
}

/** `kind: ./my-estimator.ts` is short for `kind: file` and `file: ./my-estimator.ts`. */
export function asFileEstimator(entry: unknown): unknown {
  const { kind } = (entry ?? {}) as { kind?: unknown };
  if (typeof kind !== 'string' || !isOwnFile(kind)) return entry;
  return { ...(entry as object), kind: 'file', file: kind };
}

const WEEK_MINUTES = 7 * 24 * 60;

/** An estimator of an experiment that is a user's file, as its parameters are wanted where it is trained. */
export const fileEstimatorEntry = z
  .preprocess(
    asFileEstimator,
    z.strictObject({
      ...{ name: z.string(), kind: z.literal('file'), ...ownFileKeys, file: z.string().min(1) },
      /** Longest that a fit may go on without a sign of progress. */
      fitMinutes: z.number().positive().max(WEEK_MINUTES).optional(),
    }),
  )
  .transform(({ name, kind, fitMinutes, ...given }, context) => {
    const part = ownPartIn('estimator', given, context);
    const still = fitMinutes === undefined ? {} : { fitMinutes };
    return { name, kind, code: part?.code, parameters: part?.parameters, ...still };
  });
