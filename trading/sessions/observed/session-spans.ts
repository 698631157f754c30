import type { Clock } from '../../../infra/clock.ts';
import type { OpenSpan, Tracing } from '../../../infra/tracing/span.ts';
import type { ApprovedOrder } from '../../orders/approved-order.ts';
import type { Effect, Fill, OrderUpdate, RefusalEffect, SignalEffect } from '../../effect.ts';
import { FINAL_STATES } from '../../orders/order-state.ts';
import type { StepTimes } from '../latency/order-latencies.ts';
import type { CommandOrigin } from '../record/taken-command.ts';

/** Orders of which more is awaited, at the most: the span of the oldest is ended as it stands. */
const ORDERS_MAX = 1_000;

export interface SpansOptions {
  readonly tracing: Tracing;
  readonly session: string;
  readonly symbols: readonly string[];
  /** Wall clock, in parts of a millisecond. */
  readonly clock: Clock;
}

/** An order that is not done. */
interface OpenOrder {
  readonly span: OpenSpan;
  readonly times: StepTimes;
}

/**
 * The trace of each close of a session, from the bar to the fill: bar, predict, signal, risk, order, recorded, venue
 * answer, fill. Heard at the asynchronous edges, beside the record, and no part of it. What a command led to stands
 * below the request that it came from.
 */
export class SessionSpans {
  readonly #options: SpansOptions;
  /** What is in hand: a close; and a command, which may come first once that is here. */
  #bar: OpenSpan | null = null;
  #command: OpenSpan | null = null;
  /** When the last thing was heard: what is heard next took from there. */
  #markMs = 0;
  /** Signals of the close in hand, by symbol. */
  readonly #signals = new Map<number, string>();
  readonly #orders = new Map<number, OpenOrder>();

  constructor(options: SpansOptions) {
    this.#options = options;
  }

  /** A close has come. */
  bar(closeTimeMs: number): void {
    const { tracing, session, clock } = this.#options;
    this.#markMs = clock();
    const close = new Date(closeTimeMs).toISOString();
    const attributes = { 'signalbox.session': session, 'signalbox.close': close };
    this.#bar = tracing.span('bar', { startMs: this.#markMs, attributes });
  }

  /** All that the close led to at once is done. */
  barDone(): void {
    this.#bar?.end(this.#options.clock());
    this.#bar = null;
    this.#signals.clear();
  }

  /** Features of the close, and what the model says of them. */
  async predict<T>(work: () => Promise<T>): Promise<T> {
    const { tracing, clock } = this.#options;
    const span = tracing.span('predict', { parent: this.#bar?.traceparent, startMs: clock() });
    try {
      return await work();
    } catch (error) {
      span.fail((error as Error).message);
      throw error;
    } finally {
      this.#markMs = clock();
      span.end(this.#markMs);
    }
  }

  /** A command is taken up. */
  command(command: string, origin: CommandOrigin | undefined): void {
    const { tracing, session, clock } = this.#options;
    this.#markMs = clock();
    const attributes = { 'signalbox.session': session, 'signalbox.command': command };
    const parent = origin?.traceparent;
    this.#command = tracing.span(`command ${command}`, { parent, startMs: this.#markMs, kind: 'consumer', attributes });
  }

  commandDone(): void {
    this.#markMs = this.#options.clock();
    this.#command?.end(this.#markMs);
    this.#command = null;
  }

  /** What is new in the journal. */
  hear(effect: Effect): void {
    if (effect.kind === 'signal') this.#signal(effect);
    else if (effect.kind === 'refusal') this.#refusal(effect);
    else if (effect.kind === 'order') this.#order(effect);
    else if (effect.kind === 'fill') this.#fill(effect);
    else if (effect.kind === 'order-update') this.#update(effect);
  }

  /** An order took steps. */
  step(sequence: number, times: StepTimes): void {
    const order = this.#orders.get(sequence);
    if (order === undefined) return;
    const { committed, sent, acknowledged } = Object.assign(order.times, times);
    const { decided } = order.times;
    if (times.committed !== undefined) this.#child(order, 'recorded', { fromMs: decided, toMs: committed });
    if (times.acknowledged !== undefined) {
      this.#child(order, 'venue answer', { fromMs: sent, toMs: acknowledged, kind: 'client' });
    }
  }

  /** The session is over: what is not done is ended as it stands. */
  end(): void {
    this.commandDone();
    this.barDone();
    for (const { span } of this.#orders.values()) span.end();
    this.#orders.clear();
  }

  /** What an effect of this symbol came from. */
  #above(symbol: number): string | undefined {
    if (this.#command !== null) return this.#command.traceparent;
    return this.#signals.get(symbol) ?? this.#bar?.traceparent;
  }

  /** A span from what was heard last until now. */
  #since(name: string, parent: string | undefined, attributes: Parameters<OpenSpan['set']>[0]): OpenSpan {
    const startMs = this.#markMs;
    this.#markMs = this.#options.clock();
    const span = this.#options.tracing.span(name, { parent, startMs: Math.min(startMs, this.#markMs), attributes });
    return span;
  }

  #signal({ symbol, signal }: SignalEffect): void {
    const { action, confidence, model } = signal;
    const attributes = { ...this.#named(symbol), 'signalbox.action': action, 'signalbox.confidence': confidence };
    const span = this.#since('signal', this.#bar?.traceparent, attributes);
    if (typeof model === 'string') span.set({ 'signalbox.model': model });
    span.end(this.#markMs);
    this.#signals.set(symbol, span.traceparent);
  }

  #refusal({ symbol, stage, code }: RefusalEffect): void {
    const attributes = { ...this.#named(symbol), 'signalbox.stage': stage, 'signalbox.refused': code };
    const span = this.#since('risk', this.#above(symbol), attributes);
    span.fail(code);
    span.end(this.#markMs);
  }

  #order({ sequence, symbol, quantity, terms, clippedBy }: ApprovedOrder): void {
    const named = this.#named(symbol);
    const risk = this.#since('risk', this.#above(symbol), {
      ...named,
      ...(clippedBy === null ? {} : { 'signalbox.cut': clippedBy }),
    });
    risk.end(this.#markMs);
    const about = { 'signalbox.order': sequence, 'signalbox.quantity': quantity };
    const attributes = { ...named, ...about, 'signalbox.type': terms?.type ?? 'market' };
    const span = this.#options.tracing.span('order', { parent: risk.traceparent, startMs: this.#markMs, attributes });
    this.#orders.set(sequence, { span, times: { decided: this.#markMs } });
    if (this.#orders.size <= ORDERS_MAX) return;
    const [oldest] = this.#orders.keys();
    this.#done(oldest!);
  }

  #fill({ sequence, symbol, quantity, price, final, takesBack }: Fill): void {
    const order = this.#orders.get(sequence);
    // One of before this process.
    if (order === undefined) return;
    const { decided, sent = decided } = order.times;
    const attributes = { ...this.#named(symbol), 'signalbox.quantity': quantity, 'signalbox.price': price };
    this.#child(order, takesBack === true ? 'fill taken back' : 'fill', { fromMs: sent, attributes });
    if (final) this.#done(sequence);
  }

  #update({ sequence, state, code }: OrderUpdate): void {
    const order = this.#orders.get(sequence);
    if (order === undefined) return;
    const { sent, acknowledged } = order.times;
    const isRefused = state === 'REJECTED' || state === 'DENIED';
    if (isRefused && sent !== undefined && acknowledged === undefined) {
      this.#child(order, 'venue answer', { fromMs: sent, kind: 'client' });
    }
    if (isRefused) order.span.fail(code ?? state);
    order.span.set({ 'signalbox.state': state });
    if (FINAL_STATES.includes(state)) this.#done(sequence);
  }

  #child(
    { span }: OpenOrder,
    name: string,
    more: {
      readonly fromMs: number | undefined;
      readonly toMs?: number | undefined;
      readonly kind?: 'client';
      readonly attributes?: Parameters<OpenSpan['set']>[0];
    },
  ): void {
    const { toMs = this.#options.clock(), attributes = {}, kind = 'internal' } = more;
    const startMs = Math.min(more.fromMs ?? toMs, toMs);
    this.#options.tracing.span(name, { parent: span.traceparent, startMs, kind, attributes }).end(toMs);
  }

  #done(sequence: number): void {
    this.#orders.get(sequence)?.span.end(this.#options.clock());
    this.#orders.delete(sequence);
  }

  #named(symbol: number): Readonly<Record<string, string>> {
    return { 'signalbox.session': this.#options.session, 'signalbox.symbol': this.#options.symbols[symbol] ?? '' };
  }
}
