import type { Effect, Fill, KillState } from './effect.ts';
import { KILL_STATES } from './effect.ts';
import { ORDER_STATES, orderStateCode, type OrderState } from './order-state.ts';
import { refusalCodeAt, refusalNumber, REFUSAL_STAGES, type RefusalCode, type RefusalStage } from './refusal.ts';
import type { OrderFields } from './risk-manager.ts';

/** Eight-byte slots of a record: head, time, sequence and four numbers. 56 bytes hash in about 30 ns. */
export const RECORD_SLOTS = 7;
export const RECORD_BYTES = RECORD_SLOTS * 8;

const KINDS = ['signal', 'order', 'fill', 'order-update', 'refusal', 'cancel', 'state'] as const;
const CAUSES = ['command', 'drawdown', 'daily-loss'] as const;

/** One buffer seen as numbers and as bytes. Little-endian like every machine that Node runs on here. */
export interface RecordBlock {
  readonly numbers: Float64Array;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly capacity: number;
}

/** A block for `capacity` records. */
export function createRecordBlock(capacity: number): RecordBlock {
  const buffer = new ArrayBuffer(capacity * RECORD_BYTES);
  return {
    numbers: new Float64Array(buffer),
    bytes: new Uint8Array(buffer),
    words: new Uint32Array(buffer),
    capacity,
  };
}

/** Writes `effect` as record `row` of `block`. Nothing of wall time, host or process is in it; the text of a reason is not either. */
export function encodeEffect(effect: Effect, block: RecordBlock, row: number): void {
  switch (effect.kind) {
    case 'signal': {
      const { signal } = effect;
      writeHead(block, row, { kind: 1, flag: signal.action === 'BUY' ? 1 : 2, code: 0, symbol: effect.symbol });
      writeNumbers(block, row, effect.timeMs, 0);
      return writeValues(block, row, [
        recorded(signal.probability ?? -1),
        recorded(signal.confidence),
        recorded(signal.ageBars),
        0,
      ]);
    }
    case 'order':
      writeHead(block, row, {
        kind: 2,
        flag: (effect.direction > 0 ? 1 : 2) + (effect.reduces ? 4 : 0),
        code: refusalNumber(effect.clippedBy),
        symbol: effect.symbol,
      });
      writeNumbers(block, row, effect.timeMs, effect.sequence);
      return writeValues(block, row, [effect.quantity, effect.fraction, effect.price, 0]);
    case 'fill':
      writeHead(block, row, { kind: 3, flag: effect.final ? 1 : 0, code: 0, symbol: effect.symbol });
      writeNumbers(block, row, effect.timeMs, effect.sequence);
      return writeValues(block, row, [effect.quantity, effect.price, effect.fee, effect.slippage]);
    case 'order-update':
      writeHead(block, row, {
        kind: 4,
        flag: orderStateCode(effect.state),
        code: refusalNumber(effect.code),
        symbol: 0,
      });
      writeNumbers(block, row, effect.timeMs, effect.sequence);
      return writeValues(block, row, [effect.value, effect.limit, 0, 0]);
    case 'refusal':
      writeHead(block, row, {
        kind: 5,
        flag: REFUSAL_STAGES.indexOf(effect.stage),
        code: refusalNumber(effect.code),
        symbol: effect.symbol,
      });
      writeNumbers(block, row, effect.timeMs, 0);
      return writeValues(block, row, [effect.value, effect.limit, 0, 0]);
    case 'cancel':
      writeHead(block, row, { kind: 6, flag: 0, code: 0, symbol: effect.symbol });
      writeNumbers(block, row, effect.timeMs, effect.sequence);
      return writeValues(block, row, NOTHING);
    case 'state':
      writeHead(block, row, {
        kind: 7,
        flag: KILL_STATES.indexOf(effect.state),
        code: CAUSES.indexOf(effect.cause),
        symbol: 0,
      });
      writeNumbers(block, row, effect.timeMs, 0);
      return writeValues(block, row, [effect.value, effect.limit, 0, 0]);
  }
}

const NOTHING = [0, 0, 0, 0] as const;

/** NaN has many bit patterns and a record one: a strategy's NaN is written as -2. */
const recorded = (value: number): number => (Number.isNaN(value) ? -2 : value);

function writeHead(
  block: RecordBlock,
  row: number,
  head: { kind: number; flag: number; code: number; symbol: number },
): void {
  const word = row * RECORD_SLOTS * 2;
  block.words[word] = head.kind | (head.flag << 8) | (head.code << 16);
  block.words[word + 1] = head.symbol;
}

function writeNumbers(block: RecordBlock, row: number, timeMs: number, sequence: number): void {
  const at = row * RECORD_SLOTS;
  block.numbers[at + 1] = timeMs;
  block.numbers[at + 2] = sequence;
}

function writeValues(block: RecordBlock, row: number, values: readonly [number, number, number, number]): void {
  const at = row * RECORD_SLOTS + 3;
  const { numbers } = block;
  numbers[at] = values[0];
  numbers[at + 1] = values[1];
  numbers[at + 2] = values[2];
  numbers[at + 3] = values[3];
}

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
  | ({ readonly kind: 'order' } & OrderFields)
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
  | { readonly kind: 'cancel'; readonly timeMs: number; readonly symbol: number; readonly sequence: number }
  | {
      readonly kind: 'state';
      readonly timeMs: number;
      readonly state: KillState;
      readonly cause: (typeof CAUSES)[number];
      readonly value: number;
      readonly limit: number;
    };

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
      const direction = (flag & 3) === 1 ? 1 : -1;
      const clippedBy = refusalCodeAt(code);
      const reduces = (flag & 4) !== 0;
      return {
        kind: 'order',
        timeMs,
        symbol,
        sequence,
        quantity: a,
        fraction: b,
        direction,
        price: c,
        clippedBy,
        reduces,
      };
    }
    case 'fill':
      return { kind: 'fill', timeMs, symbol, sequence, quantity: a, price: b, fee: c, slippage: d, final: flag === 1 };
    case 'order-update':
      return { kind: 'order-update', timeMs, sequence, state: ORDER_STATES[flag]!, code: refusalCodeAt(code) };
    case 'refusal': {
      const stage = REFUSAL_STAGES[flag]!;
      return { kind: 'refusal', timeMs, symbol, stage, code: refusalCodeAt(code)!, value: a, limit: b };
    }
    case 'cancel':
      return { kind: 'cancel', timeMs, symbol, sequence };
    case 'state':
      return { kind: 'state', timeMs, state: KILL_STATES[flag]!, cause: CAUSES[code]!, value: a, limit: b };
  }
}
