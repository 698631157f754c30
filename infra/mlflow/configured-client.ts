import type { Config } from '../config.ts';
import { MlflowClient } from './mlflow-client.ts';

/** The client for MLFLOW_TRACKING_URI; null when it is not set, and entries wait in the outbox. */
export function configuredClient(
  config: Pick<Config, 'mlflowTrackingUri' | 'mlflowUsername' | 'mlflowPassword'>,
): MlflowClient | null {
  const { mlflowTrackingUri: uri, mlflowUsername: username, mlflowPassword: password } = config;
  return uri === null ? null : new MlflowClient({ uri, username, password });
}
