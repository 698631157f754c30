import { SignalboxError } from '../../../infra/errors.ts';
import type { FittedModel } from '../../estimators/estimator.ts';
import type { FitRequest, TrainingContext, TrainingParts } from './training-context.ts';

/**
 * Fits one member. A failure names member and fold and stops the training: no member is left out or replaced. An abort
 * is passed on as it is.
 */
export async function fitMember(
  request: FitRequest,
  parts: Pick<TrainingParts, 'estimatorOf'>,
  context: TrainingContext,
): Promise<FittedModel> {
  context.signal?.throwIfAborted();
  const estimator = parts.estimatorOf(request.kind);
  try {
    return await estimator.fit(request.dataset, estimator.params.parse(request.params), {
      random: request.random,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
      ...(context.threads === undefined ? {} : { threads: context.threads }),
    });
  } catch (cause) {
    if (context.signal?.aborted === true) throw cause;
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new SignalboxError(`Ensemble member ${request.name} failed to train in ${request.where}: ${said}`, {
      remedy: 'Mend its parameters or take it out of the experiment; no member is replaced silently.',
      cause,
    });
  }
}
