import type { Clock } from '../../../infra/clock.ts';
import { createLogger, type LogConfig, type Logger } from '../../../infra/logging/log.ts';
import type { Effect } from '../../effect.ts';
import { refusalReason } from '../../refusal.ts';
import type { CommandOrigin } from '../record/taken-command.ts';

/** Orders whose request is remembered, at the most. */
const ORDERS_MAX = 10_000;

export interface LinesOptions {
  readonly config: LogConfig;
  readonly session: string;
  readonly symbols: readonly string[];
  readonly clock: Clock;
  /** Where lines go; standard error by default. */
  readonly destination?: { write(line: string): void };
}

/**
 * What a session does, line by line, at level `debug`: with `info` nothing is written. What a request led to carries
 * its correlation id, up to the fills of its orders.
 */
export class EffectLines {
  readonly #session: string;
  readonly #symbols: readonly string[];
  readonly #clock: Clock;
  readonly #bars: Logger;
  readonly #commands: Logger;
  readonly #signals: Logger;
  readonly #risk: Logger;
  readonly #execution: Logger;
  /** Correlation ids of orders, by their sequence, oldest first. */
  readonly #origins = new Map<number, string>();
  #origin: string | undefined;
  #cameMs = 0;

  constructor({ config, session, symbols, clock, destination }: LinesOptions) {
    const logger = (module: Parameters<typeof createLogger>[2]): Logger => createLogger(config, destination, module);
    this.#session = session;
    this.#symbols = symbols;
    this.#clock = clock;
    this.#bars = logger('trading.bars');
    this.#commands = logger('trading.commands');
    this.#signals = logger('trading.signals');
    this.#risk = logger('trading.risk');
    this.#execution = logger('trading.execution');
  }

  /** A close is taken. */
  bar(): void {
    this.#cameMs = this.#clock();
  }

  /** All that a close led to is done. */
  barDone(closeTimeMs: number): void {
    if (!this.#bars.isLevelEnabled('debug')) return;
    const tookMs = Math.round((this.#clock() - this.#cameMs) * 1_000) / 1_000;
    this.#bars.debug({ session: this.#session, close: new Date(closeTimeMs).toISOString(), tookMs }, 'bar');
  }

  /** A command is taken up. */
  command(command: string, origin: CommandOrigin | undefined): void {
    this.#origin = origin?.correlationId;
    this.#commands.debug(this.#fields({ command }), 'command');
  }

  commandDone(): void {
    this.#origin = undefined;
  }

  /** What is new in the journal. */
  hear(effect: Effect): void {
    if (effect.kind === 'order' && this.#origin !== undefined) this.#remember(effect.sequence, this.#origin);
    const logger = this.#loggerOf(effect);
    if (logger?.isLevelEnabled('debug') !== true) return;
    const sequence = 'sequence' in effect ? effect.sequence : undefined;
    const symbol = 'symbol' in effect ? this.#symbols[effect.symbol] : undefined;
    const about = { ...(symbol === undefined ? {} : { symbol }), ...(sequence === undefined ? {} : { sequence }) };
    const origin = this.#origins.get(sequence ?? 0) ?? this.#origin;
    logger.debug({ ...this.#fields({ ...about, ...detailsOf(effect) }, origin) }, effect.kind);
  }

  #fields(fields: object, origin = this.#origin): object {
    return { session: this.#session, ...fields, ...(origin === undefined ? {} : { correlationId: origin }) };
  }

  #remember(sequence: number, origin: string): void {
    this.#origins.set(sequence, origin);
    const [oldest] = this.#origins.keys();
    if (this.#origins.size > ORDERS_MAX) this.#origins.delete(oldest!);
  }

  #loggerOf({ kind }: Effect): Logger | null {
    if (kind === 'signal') return this.#signals;
    if (kind === 'refusal' || kind === 'state') return this.#risk;
    return kind === 'terms' || kind === 'conditions' || kind === 'charge' || kind === 'action' ? null : this.#execution;
  }
}

function detailsOf(effect: Effect): object {
  if (effect.kind === 'signal') {
    const { action, probability, reason } = effect.signal;
    return { action, probability, reason };
  }
  if (effect.kind === 'refusal') {
    const { stage, code, value, limit } = effect;
    return { stage, code, reason: refusalReason(code, value, limit) };
  }
  if (effect.kind === 'order') {
    return { quantity: effect.quantity, type: effect.terms?.type ?? 'market', clippedBy: effect.clippedBy };
  }
  if (effect.kind === 'fill') {
    return { quantity: effect.quantity, price: effect.price, fee: effect.fee, execution: effect.executionId };
  }
  if (effect.kind === 'order-update') return { state: effect.state, code: effect.code };
  return effect.kind === 'state' ? { state: effect.state, cause: effect.cause } : {};
}
