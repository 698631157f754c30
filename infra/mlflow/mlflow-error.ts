import { SignalboxError } from '../errors.ts';

/**
 * What a failed call means:
 * - `unreachable`: no connection, so the server has not acted;
 * - `timeout`, `dropped`: no (whole) answer, so it may have acted;
 * - `server-error`: 5xx; `overloaded`: 429 and the gateway codes 502, 503, 504;
 * - `unauthorized`: 401; `forbidden`: 403 (MLflow's host check, or its permissions);
 * - `not-mlflow`: something else answers at that address (HTML, a redirect, JSON of another API);
 * - `refused`: the server understood and said no: a repeat gets the same answer.
 */
export type MlflowFailure =
  | 'unreachable'
  | 'timeout'
  | 'dropped'
  | 'server-error'
  | 'overloaded'
  | 'unauthorized'
  | 'forbidden'
  | 'not-mlflow'
  | 'refused';

const REMEDIES: Readonly<Record<MlflowFailure, string>> = {
  unreachable: 'Start the server (`signalbox tracking` runs a local one) or correct MLFLOW_TRACKING_URI.',
  timeout: 'The server is up but slow: look at its load and its log.',
  dropped: 'Look at the log of the server and of any proxy before it.',
  'server-error': "Look at the server's log.",
  overloaded: 'Try again later.',
  unauthorized: 'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.',
  forbidden:
    'Start the server with --allowed-hosts naming the host of MLFLOW_TRACKING_URI, or give the user the permission.',
  'not-mlflow': 'Correct MLFLOW_TRACKING_URI: the address of the MLflow server, with its path prefix if it has one.',
  refused: '',
};

/**
 * A call that the server did not answer with success. Never holds a password: neither in the message nor in a cause.
 */
export class MlflowError extends SignalboxError {
  readonly failure: MlflowFailure;
  readonly status: number | null;
  /** MLflow's own code, such as RESOURCE_DOES_NOT_EXIST. */
  readonly errorCode: string | null;

  constructor(
    failure: MlflowFailure,
    message: string,
    { status = null, errorCode = null }: { status?: number | null; errorCode?: string | null } = {},
  ) {
    super(message, { remedy: REMEDIES[failure] });
    this.failure = failure;
    this.status = status;
    this.errorCode = errorCode;
  }

  /** False where the server certainly did nothing: a create may be repeated without looking it up. */
  get mayHaveActed(): boolean {
    return ['timeout', 'dropped', 'server-error', 'overloaded'].includes(this.failure);
  }

  /** True where a second try soon may succeed. */
  get isTransient(): boolean {
    return this.mayHaveActed || this.failure === 'unreachable';
  }
}
