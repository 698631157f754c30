import type { MessagePort } from 'node:worker_threads';
import type { Json } from '../memory.ts';
import type { HeardFill, OrderBook } from '../strategy.ts';
import type { CompiledOwnFile } from '../../../infra/own-files/own-file.ts';
import type { ParameterValue } from '../../../infra/own-files/own-file.ts';

/** Places in the shared control array: something is asked, and 1 for HOLD or nothing, 2 for a message that answers. */
export const ASKED = 0;
export const ANSWERED = 1;
export const CONTROL_LENGTH = 2;

/** Times, prices and volume of a bar. */
export const BAR_NUMBERS = 7;

/** What a strategy's thread is asked, with what has happened since it was asked last. */
export interface OwnRequest {
  readonly kind: 'decide' | 'orders' | 'notes' | 'save' | 'restore';
  /** Position of the symbol. */
  readonly at: number;
  readonly bars: readonly { readonly at: number; readonly numbers: Float64Array }[];
  readonly fills: readonly { readonly at: number; readonly fill: HeardFill }[];
  /** Of `orders`. */
  readonly book?: OrderBook;
  /** Of `restore`. */
  readonly state?: Json;
}

/** What the thread begins with. */
export interface ThreadData {
  readonly control: Int32Array;
  readonly port: MessagePort;
  readonly compiled: CompiledOwnFile;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly symbols: readonly string[];
}
