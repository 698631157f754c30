import type {
  Charge,
  ConditionsEffect,
  CorporateActionEffect,
  Effect,
  Fill,
  KillState,
  ParentEffect,
  SignalEffect,
  TermsEffect,
} from '../effect.ts';
import { EXECUTION_KINDS, type ExecutionRule } from '../../models/experiment/execution/execution-schema.ts';
import { KILL_STATES } from '../effect.ts';
import { ORDER_STATES, orderStateCode, type OrderState } from '../orders/order-state.ts';
import { refusalCodeAt, refusalNumber, REFUSAL_STAGES, type RefusalCode, type RefusalStage } from '../refusal.ts';
import { CONDITIONS } from '../risk/degradation/condition-name.ts';
import type { ApprovedOrder, OrderFields } from '../orders/approved-order.ts';
import { EXECUTION_ORIGINS } from '../venue-event.ts';
import { ORDER_ROLES, ORDER_TYPES, TIMES_IN_FORCE } from '../orders/order-terms.ts';

/** Eight-byte slots of a record: head, time, sequence and four numbers. 56 bytes hash in about 30 ns. */
const RECORD_SLOTS = 7;
export const RECORD_BYTES = RECORD_SLOTS * 8;

const KINDS = [
  'signal',
  'order',
  'fill',
  'order-update',
  'refusal',
  'cancel',
  'state',
  'action',
  'terms',
  'conditions',
  'amend',
  'charge',
  'parent',
  'child',
  'parent-end',
] as const;
const CHARGES = ['borrow', 'funding', 'interest', 'clearance', 'fee'] as const;
const CAUSES = [
  'command',
  'drawdown',
  'daily-loss',
  'unexplained-fill',
  'rejections',
  'margin-call',
  'away',
  'back',
  ...CONDITIONS,
  'unrecorded',
  'recorded',
  'code-silent',
] as const;

/** One buffer seen as numbers and as bytes. Little-endian like every machine that Node runs on here. */
export interface RecordBlock {
  readonly numbers: Float64Array;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly capacity: number;
}

/** A block for `capacity` records. Not cleared: every slot of a record is written before any of it is read. */
export function createRecordBlock(capacity: number, isShared = false): RecordBlock {
  const size = capacity * RECORD_BYTES;
  const buffer = isShared ? new SharedArrayBuffer(size) : Buffer.allocUnsafeSlow(size).buffer;
  const [numbers, bytes, words] = [new Float64Array(buffer), new Uint8Array(buffer), new Uint32Array(buffer)];
  return { numbers, bytes, words, capacity };
}

/**
 * Writes `effect` as record `row` of `block`. Nothing of wall time, host or process is in it; the text of a reason is
 * not either. Numbers go straight into the columns: lists and objects in between cost more than the record itself.
 */
export function encodeEffect(effect: Effect, block: RecordBlock, row: number): void {
  const at = row * RECORD_SLOTS;
  if (effect.kind === 'fill') return encodeFill(effect, block, at);
  if (effect.kind === 'order') return encodeOrder(effect, block, at);
  if (effect.kind === 'signal') return encodeSignal(effect, block, at);
  const { numbers, words } = block;
  numbers[at + 1] = effect.timeMs;
  numbers[at + 2] = numbers[at + 3] = numbers[at + 4] = numbers[at + 5] = 0;
  numbers[at + 6] = effect.kind === 'parent' ? (effect.owner?.number ?? 0) : 0;
  words[at * 2] = encodeBody(effect, numbers, at);
  words[at * 2 + 1] = effect.kind === 'order-update' || effect.kind === 'state' ? 0 : effect.symbol;
}

/** The three that nearly all records are write every slot by themselves, read from objects of one shape. */
function encodeSignal({ timeMs, symbol, signal, owner }: SignalEffect, block: RecordBlock, at: number): void {
  const { numbers, words } = block;
  words[at * 2] = 1 | ((signal.action === 'BUY' ? 1 : 2) << 8);
  words[at * 2 + 1] = symbol;
  numbers[at + 1] = timeMs;
  numbers[at + 2] = 0;
  numbers[at + 3] = recorded(signal.probability ?? -1);
  numbers[at + 4] = recorded(signal.confidence);
  numbers[at + 5] = recorded(signal.ageBars);
  numbers[at + 6] = owner === undefined ? 0 : owner.number;
}

function encodeOrder(order: ApprovedOrder, block: RecordBlock, at: number): void {
  const { numbers, words } = block;
  const flags = (order.direction > 0 ? 1 : 2) + (order.reduces ? 4 : 0);
  words[at * 2] = 2 | (flags << 8) | (refusalNumber(order.clippedBy) << 16);
  words[at * 2 + 1] = order.symbol;
  numbers[at + 1] = order.timeMs;
  numbers[at + 2] = order.sequence;
  numbers[at + 3] = order.quantity;
  numbers[at + 4] = order.fraction;
  numbers[at + 5] = order.price;
  numbers[at + 6] = order.terms?.owner?.number ?? 0;
}

function encodeFill(fill: Fill, block: RecordBlock, at: number): void {
  const { numbers, words } = block;
  const origin = fill.origin === undefined ? 0 : EXECUTION_ORIGINS.indexOf(fill.origin);
  words[at * 2] = 3 | ((fill.final ? 1 : 0) << 8) | (origin << 16);
  words[at * 2 + 1] = fill.symbol;
  numbers[at + 1] = fill.timeMs;
  numbers[at + 2] = fill.sequence;
  numbers[at + 3] = fill.quantity;
  numbers[at + 4] = fill.price;
  numbers[at + 5] = fill.fee;
  numbers[at + 6] = fill.slippage;
}

type OtherEffect = Exclude<Effect, Fill | ApprovedOrder | SignalEffect>;

/** Writes what is the effect's own and returns the head: kind, flag in the second byte, code in the upper half. */
function encodeBody(effect: OtherEffect, numbers: Float64Array, at: number): number {
  switch (effect.kind) {
    case 'order-update':
      numbers[at + 2] = effect.sequence;
      numbers[at + 3] = effect.value;
      numbers[at + 4] = effect.limit;
      return 4 | (orderStateCode(effect.state) << 8) | (refusalNumber(effect.code) << 16);
    case 'refusal':
      numbers[at + 3] = effect.value;
      numbers[at + 4] = effect.limit;
      return 5 | (REFUSAL_STAGES.indexOf(effect.stage) << 8) | (refusalNumber(effect.code) << 16);
    case 'cancel':
      numbers[at + 2] = effect.sequence;
      return 6;
    case 'state':
      numbers[at + 3] = effect.value;
      numbers[at + 4] = effect.limit;
      return 7 | (KILL_STATES.indexOf(effect.state) << 8) | (CAUSES.indexOf(effect.cause) << 16);
    case 'action':
      numbers[at + 3] = effect.value;
      numbers[at + 4] = effect.quantity;
      numbers[at + 5] = effect.cash;
      return 8 | ((effect.action === 'split' ? 1 : 2) << 8);
    case 'terms':
      numbers[at + 2] = effect.sequence;
      numbers[at + 3] = effect.price;
      numbers[at + 4] = effect.trail;
      numbers[at + 5] = effect.trailShare;
      numbers[at + 6] = effect.group;
      return 9 | (ORDER_TYPES.indexOf(effect.type) << 8) | (ORDER_ROLES.indexOf(effect.role) << 16);
    case 'conditions':
      return encodeConditions(effect, numbers, at);
    case 'amend':
      numbers[at + 2] = effect.sequence;
      numbers[at + 3] = effect.order.quantity;
      numbers[at + 4] = effect.order.terms?.price ?? 0;
      numbers[at + 5] = effect.order.terms?.conditions?.limit ?? 0;
      return 11;
    case 'charge':
      numbers[at + 2] = effect.sequence ?? 0;
      numbers[at + 3] = effect.base;
      numbers[at + 4] = effect.days;
      numbers[at + 5] = effect.rate;
      numbers[at + 6] = effect.cash;
      return 12 | (CHARGES.indexOf(effect.charge) << 8);
    case 'parent':
    case 'child':
    case 'parent-end':
      return encodeParts(effect, numbers, at);
  }
}

type Conditions = Extract<Effect, { kind: 'conditions' }>;

function encodeConditions(effect: Conditions, numbers: Float64Array, at: number): number {
  numbers[at + 2] = effect.sequence;
  numbers[at + 3] = effect.limit;
  numbers[at + 4] = effect.expiresMs;
  const flags = (effect.postOnly ? 1 : 0) + (effect.reduceOnly ? 2 : 0);
  return 10 | (TIMES_IN_FORCE.indexOf(effect.tif) << 8) | (flags << 16);
}

type Parts = Extract<Effect, { kind: 'parent' | 'child' | 'parent-end' }>;

/** An order that is executed in parts: how it begins, what belongs to it, how it ends. */
function encodeParts(effect: Parts, numbers: Float64Array, at: number): number {
  if (effect.kind === 'child') {
    numbers[at + 2] = effect.sequence;
    numbers[at + 3] = effect.parent;
    return 14;
  }
  numbers[at + 2] = effect.parent;
  if (effect.kind === 'parent-end') {
    numbers[at + 3] = effect.filled;
    numbers[at + 4] = effect.left;
    return 15 | (refusalNumber(effect.code) << 16);
  }
  numbers[at + 3] = effect.direction * effect.units;
  numbers[at + 4] = effect.arrival;
  numbers[at + 5] = effect.bound ?? 0;
  const flags = EXECUTION_KINDS.indexOf(effect.rule.kind) * 2 + (effect.reduces ? 1 : 0);
  return 13 | (flags << 8) | (refusalNumber(effect.clippedBy) << 16);
}

/** NaN has many bit patterns and a record one: a strategy's NaN is written as -2. */
const recorded = (value: number): number => (Number.isNaN(value) ? -2 : value);

/** A record read back. Signals come without their reason, which only the store keeps. */
export type JournalEntry =
  | {
      readonly kind: 'signal';
      readonly timeMs: number;
      readonly symbol: number;
      readonly action: 'BUY' | 'SELL';
      readonly probability: number | null;
      readonly confidence: number;
      readonly ageBars: number;
    }
  | ({ readonly kind: 'order' } & Omit<OrderFields, 'terms'>)
  | Omit<TermsEffect, 'conditions'>
  | ConditionsEffect
  | {
      readonly kind: 'amend';
      readonly timeMs: number;
      readonly symbol: number;
      readonly sequence: number;
      /** What is left to trade, signed, and the prices from here on. */
      readonly quantity: number;
      readonly price: number;
      readonly limit: number;
    }
  | Fill
  | {
      readonly kind: 'order-update';
      readonly timeMs: number;
      readonly sequence: number;
      readonly state: OrderState;
      readonly code: RefusalCode | null;
    }
  | {
      readonly kind: 'refusal';
      readonly timeMs: number;
      readonly symbol: number;
      readonly stage: RefusalStage;
      readonly code: RefusalCode;
      readonly value: number;
      readonly limit: number;
    }
  | (Omit<ParentEffect, 'rule' | 'label' | 'owner'> & { readonly algorithm: ExecutionRule['kind'] })
  | Extract<Effect, { kind: 'child' | 'parent-end' }>
  | { readonly kind: 'cancel'; readonly timeMs: number; readonly symbol: number; readonly sequence: number }
  | CorporateActionEffect
  | Charge
  | {
      readonly kind: 'state';
      readonly timeMs: number;
      readonly state: KillState;
      readonly cause: (typeof CAUSES)[number];
      readonly value: number;
      readonly limit: number;
    };

function decodedFill(numbers: Omit<Fill, 'kind' | 'final'>, flag: number, code: number): Fill {
  const fill = { kind: 'fill', ...numbers, final: flag === 1 } as const;
  return code === 0 ? fill : { ...fill, origin: EXECUTION_ORIGINS[code] };
}

/** Reads record `row` of `block`. */
export function decodeRecord(block: RecordBlock, row: number): JournalEntry {
  const head = block.words[row * RECORD_SLOTS * 2]!;
  const symbol = block.words[row * RECORD_SLOTS * 2 + 1]!;
  const flag = (head >>> 8) & 255;
  const code = head >>> 16;
  const at = row * RECORD_SLOTS;
  const timeMs = block.numbers[at + 1]!;
  const sequence = block.numbers[at + 2]!;
  const [a, b, c, d] = block.numbers.subarray(at + 3, at + 7) as unknown as [number, number, number, number];
  switch (KINDS[(head & 255) - 1]!) {
    case 'signal': {
      const action = flag === 1 ? 'BUY' : 'SELL';
      return { kind: 'signal', timeMs, symbol, action, probability: a < 0 ? null : a, confidence: b, ageBars: c };
    }
    case 'order': {
      const [direction, reduces] = [(flag & 3) === 1 ? (1 as const) : (-1 as const), (flag & 4) !== 0];
      const asked = { sequence, quantity: a, fraction: b, direction, price: c };
      return { kind: 'order', timeMs, symbol, ...asked, clippedBy: refusalCodeAt(code), reduces };
    }
    case 'fill':
      return decodedFill({ timeMs, symbol, sequence, quantity: a, price: b, fee: c, slippage: d }, flag, code);
    case 'order-update':
      return { kind: 'order-update', timeMs, sequence, state: ORDER_STATES[flag]!, code: refusalCodeAt(code) };
    case 'refusal': {
      const stage = REFUSAL_STAGES[flag]!;
      return { kind: 'refusal', timeMs, symbol, stage, code: refusalCodeAt(code)!, value: a, limit: b };
    }
    case 'cancel':
      return { kind: 'cancel', timeMs, symbol, sequence };
    case 'action': {
      const action = flag === 1 ? 'split' : 'dividend';
      return { kind: 'action', timeMs, symbol, action, value: a, quantity: b, cash: c };
    }
    case 'terms': {
      const terms = { type: ORDER_TYPES[flag]!, role: ORDER_ROLES[code]!, price: a, trail: b, trailShare: c, group: d };
      return { kind: 'terms', timeMs, symbol, sequence, ...terms };
    }
    case 'conditions': {
      const [postOnly, reduceOnly] = [(code & 1) !== 0, (code & 2) !== 0];
      const tif = TIMES_IN_FORCE[flag]!;
      return { kind: 'conditions', timeMs, symbol, sequence, tif, limit: a, expiresMs: b, postOnly, reduceOnly };
    }
    case 'charge': {
      const of = sequence === 0 ? {} : { sequence };
      return { kind: 'charge', timeMs, symbol, charge: CHARGES[flag]!, base: a, days: b, rate: c, cash: d, ...of };
    }
    case 'parent': {
      const [direction, units] = [a < 0 ? (-1 as const) : (1 as const), Math.abs(a)];
      const algorithm = EXECUTION_KINDS[flag >> 1]!;
      const clippedBy = refusalCodeAt(code);
      const said = { direction, units, clippedBy, arrival: b, bound: c === 0 ? null : c, reduces: (flag & 1) === 1 };
      return { kind: 'parent', timeMs, symbol, parent: sequence, ...said, algorithm };
    }
    case 'child':
      return { kind: 'child', timeMs, symbol, sequence, parent: a };
    case 'parent-end':
      return { kind: 'parent-end', timeMs, symbol, parent: sequence, filled: a, left: b, code: refusalCodeAt(code) };
    case 'amend':
      return { kind: 'amend', timeMs, symbol, sequence, quantity: a, price: b, limit: c };
    case 'state':
      return { kind: 'state', timeMs, state: KILL_STATES[flag]!, cause: CAUSES[code]!, value: a, limit: b };
  }
}

/** What was encoded, in order, one at a time. */
export function* decodeRecords(bytes: Uint8Array): Generator<JournalEntry> {
  const block = createRecordBlock(bytes.length / RECORD_BYTES);
  block.bytes.set(bytes);
  for (let row = 0; row < block.capacity; row++) yield decodeRecord(block, row);
}
