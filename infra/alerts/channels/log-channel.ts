import type { Logger } from '../../logging/log.ts';
import type { AlertChannel, AlertMessage, AlertSeverity } from '../alert.ts';

const LEVELS = { info: 'info', warning: 'warn', critical: 'error' } as const satisfies Record<AlertSeverity, string>;

/** Writes each message to the log of this process: a line by its severity, what is over as information. */
export class LogChannel implements AlertChannel {
  readonly name = 'log';
  readonly #log: Pick<Logger, 'info' | 'warn' | 'error'>;

  constructor(log: Pick<Logger, 'info' | 'warn' | 'error'>) {
    this.#log = log;
  }

  send(message: AlertMessage): Promise<void> {
    const { words, severity, state, ...alert } = message;
    const level = state === 'resolved' ? 'info' : LEVELS[severity];
    this.#log[level]({ alert: { ...alert, state, severity } }, `alert ${state}: ${words}`);
    return Promise.resolve();
  }
}
