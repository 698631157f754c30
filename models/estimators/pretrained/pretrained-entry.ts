import { z } from 'zod';
import { InputError } from '../../../infra/errors.ts';
import { classSides } from './class-sides.ts';
import { readModelFile } from './model-file.ts';
import { PRETRAINED, pretrainedParams, sha256Text } from './pretrained-params.ts';
import { momentMs } from '../../moment.ts';

const given = pretrainedParams.extend({ sha256: sha256Text.optional() }).safeExtend({
  ...{ name: z.string(), kind: z.literal(PRETRAINED) },
});

type Given = z.infer<typeof given>;

/** An estimator of an experiment whose model was trained elsewhere: its file is checked with the experiment. */
export const pretrainedEntry = given.transform((entry, context) => {
  if (momentMs(entry.trainedFrom) >= momentMs(entry.trainedTo, true)) {
    context.addIssue({ code: 'custom', path: ['trainedTo'], message: 'must not be before trainedFrom' });
  }
  try {
    return { ...entry, task: taskIn(entry) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { message, remedy } = error;
    context.addIssue({ code: 'custom', path: ['file'], message, params: { whole: true, remedy } });
    return z.NEVER;
  }
});

/** What the file answers, once all that can be checked without the features is. @throws InputError */
function taskIn({ file, sha256, task, up, down }: Given): 'classes' | 'return' {
  const { model } = readModelFile(file, sha256);
  classSides(file, model, { up, down });
  if (task === undefined || task === model.task) return model.task;
  throw new InputError(`${file}: answers ${model.task}, not ${task}`, 'Leave task out.');
}
