import { SignalboxError } from '../../infra/errors.ts';
import { selectBackend, type BackendChoice } from '../estimators/tensorflow/backend.ts';
import type { Experiment } from '../experiment.ts';
import type { TrainingPlan } from './training-store.ts';

/** Kinds of estimators that compute on TensorFlow.js: `dense-network`, ... */
const TENSOR_KIND = /-network$/;

/** The backend a training of `experiment` uses on this machine; `none` when no estimator needs one. */
export async function tensorBackendOf(experiment: Experiment, choice: BackendChoice): Promise<TrainingPlan['backend']> {
  return experiment.estimators.some(({ kind }) => TENSOR_KIND.test(kind)) ? selectBackend(choice) : 'none';
}

/** Starts the plan's backend in this thread. SignalboxError when this machine does not have it: results would differ. */
export async function useBackendOf(plan: TrainingPlan): Promise<void> {
  if (plan.backend === 'none') return;
  const name = await selectBackend(plan.backend);
  if (name !== plan.backend) {
    throw new SignalboxError(`This worker computes on ${name}; the training was planned for ${plan.backend}.`, {
      remedy: 'Run workers with the same TensorFlow.js backend (SIGNALBOX_TF_BACKEND).',
    });
  }
}
