import { writeTimestamp } from '../../pipelines/binary-copy.ts';
import type { FoldPredictions } from './prediction-columns.ts';

const FIELDS = 13;
/** Rows of a piece: a few megabytes with their reasons. */
const PIECE_ROWS = 8_192;
/** Lengths of all fields, and what has a fixed width: fold, time, five doubles, label, path. */
const FIXED_BYTES = 2 + FIELDS * 4 + 4 + 8 + 5 * 8 + 2 + 4;
const NULL_LENGTH = -1;

/** A fold's predictions as rows of PostgreSQL's binary COPY format, in pieces. */
export function* predictionRows(
  trainingHash: string,
  fold: number,
  predictions: FoldPredictions,
): Generator<Uint8Array> {
  const hash = Buffer.from(trainingHash);
  const symbols = new Map<string, Buffer>();
  for (const symbol of predictions.symbol) if (!symbols.has(symbol)) symbols.set(symbol, Buffer.from(symbol));
  const rows = predictions.symbol.length;
  for (let from = 0; from < rows; from += PIECE_ROWS) {
    const to = Math.min(rows, from + PIECE_ROWS);
    const piece = new Piece(sizeOf(predictions, { from, to, hash, symbols }));
    for (let row = from; row < to; row++) {
      const novelty = predictions.novelty[row]!;
      const reasons = predictions.reasons[row] ?? null;
      piece.begin();
      piece.bytes(hash);
      piece.int32(fold);
      piece.bytes(symbols.get(predictions.symbol[row]!)!);
      piece.time(predictions.decisionTimeMs[row]!);
      piece.double(predictions.probability[row]!);
      piece.double(predictions.score[row]!);
      piece.int16(predictions.y[row]!);
      piece.double(predictions.realisedReturn[row]!);
      piece.int32(predictions.path[row]!);
      if (Number.isNaN(novelty)) piece.none();
      else piece.double(novelty);
      if (reasons === null) piece.none();
      else piece.text(reasons);
      const disagreement = predictions.disagreement?.[row] ?? NaN;
      if (Number.isNaN(disagreement)) piece.none();
      else piece.double(disagreement);
      const { moves = null } = predictions;
      if (moves === null) piece.none();
      else piece.doubles(moves.values, row * moves.width, moves.width);
    }
    yield piece.done();
  }
}

/** Bytes that the rows take at most. */
function sizeOf(
  { symbol, reasons, moves }: FoldPredictions,
  at: { from: number; to: number; hash: Buffer; symbols: ReadonlyMap<string, Buffer> },
): number {
  let size = (at.to - at.from) * (FIXED_BYTES + at.hash.length + 8 * (moves?.width ?? 0));
  // Of a UTF-16 unit UTF-8 makes three bytes at most.
  for (let row = at.from; row < at.to; row++) {
    size += at.symbols.get(symbol[row]!)!.length + 3 * (reasons[row]?.length ?? 0);
  }
  return size;
}

/** Rows as they are written, each field with its length before it. */
class Piece {
  readonly #buffer: Buffer;
  readonly #view: DataView;
  #at = 0;

  constructor(size: number) {
    this.#buffer = Buffer.allocUnsafeSlow(size);
    this.#view = new DataView(this.#buffer.buffer);
  }

  begin(): void {
    this.#view.setInt16(this.#at, FIELDS);
    this.#at += 2;
  }

  none(): void {
    this.#length(NULL_LENGTH);
  }

  int16(value: number): void {
    this.#length(2);
    this.#view.setInt16(this.#at, value);
    this.#at += 2;
  }

  int32(value: number): void {
    this.#length(4);
    this.#view.setInt32(this.#at, value);
    this.#at += 4;
  }

  double(value: number): void {
    this.#length(8);
    this.#view.setFloat64(this.#at, value);
    this.#at += 8;
  }

  /** As bytes, the highest first like every other number here. */
  doubles(values: Float64Array, from: number, count: number): void {
    this.#length(8 * count);
    for (let at = from; at < from + count; at++) {
      this.#view.setFloat64(this.#at, values[at]!);
      this.#at += 8;
    }
  }

  time(timeMs: number): void {
    this.#length(8);
    writeTimestamp(this.#view, this.#at, timeMs);
    this.#at += 8;
  }

  bytes(value: Buffer): void {
    this.#length(value.length);
    value.copy(this.#buffer, this.#at);
    this.#at += value.length;
  }

  text(value: string): void {
    const length = this.#buffer.write(value, this.#at + 4);
    this.#length(length);
    this.#at += length;
  }

  done(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  #length(bytes: number): void {
    this.#view.setInt32(this.#at, bytes);
    this.#at += 4;
  }
}
