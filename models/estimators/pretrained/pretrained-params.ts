import { z } from 'zod';
import { moment } from '../../moment.ts';

/** The kind of an estimator whose model was trained elsewhere. */
export const PRETRAINED = 'pretrained';
/** A hash as text. */
export const sha256Text = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits, as sha256sum prints them');
export const classes = z.array(z.int().min(0));

export const pretrainedParams = z.strictObject({
  /** Relative to the working directory. */
  file: z.string().min(1),
  /** Of the file's bytes: another file under the same name is refused. */
  sha256: sha256Text,
  /**
   * First and last moment of all that the model was fitted, tuned or chosen on, labels included: nothing up to
   * `trainedTo` is evidence.
   */
  trainedFrom: moment,
  trainedTo: moment,
  /** Features in the order of the model's inputs, or by their names, where those are not the features' own. */
  inputs: z.union([z.array(z.string()), z.record(z.string(), z.string())]).optional(),
  /** Classes that say up, and down: all others. */
  up: classes.optional(),
  down: classes.optional(),
  /** What the file answers; it says so itself. */
  task: z.enum(['classes', 'return']).optional(),
});

export type PretrainedParams = z.infer<typeof pretrainedParams>;
