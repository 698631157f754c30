import { SignalboxError } from '../../infra/errors.ts';
import { estimatorOf } from '../estimators/registry.ts';
import type { BackendChoice, BackendName } from '../estimators/tensorflow/backend.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { TrainingPlan } from './training-store.ts';

/** TensorFlow.js is loaded only where an estimator computes on it. */
async function select(choice: BackendChoice): Promise<BackendName> {
  const { selectBackend } = await import('../estimators/tensorflow/backend.ts');
  return selectBackend(choice);
}

/** The backend a training of `experiment` uses on this machine; `none` when no estimator needs one. */
export async function tensorBackendOf(experiment: Experiment, choice: BackendChoice): Promise<TrainingPlan['backend']> {
  return experiment.estimators.some(({ kind }) => estimatorOf(kind).tensors === true) ? select(choice) : 'none';
}

/**
 * Starts the plan's backend in this thread. SignalboxError when this machine does not have it: results would differ.
 */
export async function useBackendOf(plan: Pick<TrainingPlan, 'backend'>): Promise<void> {
  if (plan.backend === 'none') return;
  const name = await select(plan.backend);
  if (name !== plan.backend) {
    throw new SignalboxError(`This worker computes on ${name}; the training was planned for ${plan.backend}.`, {
      remedy: 'Run workers with the same TensorFlow.js backend (SIGNALBOX_TF_BACKEND).',
    });
  }
}
