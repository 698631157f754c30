/** Buckets of the first pass: about five of 20,000 values in each. */
const BUCKETS_MIN = 4096;
/** Of 600,000 values too: with fewer buckets the built-in sort would be called for nearly every one. */
const BUCKETS_MAX = 131_072;
/** Up to this many values of a bucket are sorted by insertion. */
const INSERTED = 24;

const ends = new Int32Array(BUCKETS_MAX + 1);
const starts = new Int32Array(BUCKETS_MAX);
const wanted = new Uint8Array(BUCKETS_MAX);

/**
 * Finite values in rising order: spread over buckets of equal width, each sorted by itself. A third of the time of the
 * built-in sort (2 ms for 20,000), which it leaves crowded buckets to. Returns a new array.
 */
export function sortedValues(values: Float64Array): Float64Array {
  const count = values.length;
  const buckets = fillBuckets(values);
  if (buckets === null) return values.slice().sort();
  const { low, scale, top } = buckets;
  const sorted = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    sorted[ends[bucketOf(value, low, scale, top)]!++] = value;
  }
  // Each bucket's place has moved on to its end.
  for (let bucket = 0, from = 0; bucket <= top; bucket++) {
    const to = ends[bucket]!;
    order(sorted, from, to);
    from = to;
  }
  return sorted;
}

/**
 * What stands at some places, 0 the first, of the values in rising order. Only the buckets of those places are put in
 * order: a third of the time of `sortedValues`.
 */
export function valuesAt(values: Float64Array, places: readonly number[]): number[] {
  const buckets = fillBuckets(values);
  if (buckets === null) {
    const sorted = values.slice().sort();
    return places.map((place) => sorted[place]!);
  }
  const { low, scale, top } = buckets;
  wanted.fill(0, 0, top + 1);
  let room = 0;
  const bucketsOfPlaces = places.map((place) => bucketAt(place, top));
  for (const bucket of bucketsOfPlaces) {
    if (wanted[bucket] === 1) continue;
    wanted[bucket] = 1;
    starts[bucket] = room;
    room += ends[bucket + 1]! - ends[bucket]!;
  }
  const some = new Float64Array(room);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const bucket = bucketOf(value, low, scale, top);
    if (wanted[bucket] === 1) some[starts[bucket]!++] = value;
  }
  // Each start has moved on to its bucket's end.
  for (const bucket of new Set(bucketsOfPlaces)) {
    order(some, starts[bucket]! - (ends[bucket + 1]! - ends[bucket]!), starts[bucket]!);
  }
  return places.map((place, i) => {
    const bucket = bucketsOfPlaces[i]!;
    return some[starts[bucket]! - (ends[bucket + 1]! - place)]!;
  });
}

/** Buckets of equal width from the lowest value on, `top` the last. */
interface Buckets {
  readonly low: number;
  readonly scale: number;
  readonly top: number;
}

/**
 * Counts values into buckets, and leaves where each begins in `ends`; null where they are few, equal or too far apart.
 */
function fillBuckets(values: Float64Array): Buckets | null {
  const count = values.length;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < count; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  const top = Math.max(BUCKETS_MIN, Math.min(BUCKETS_MAX, count >> 2)) - 1;
  const scale = top / (high - low);
  if (count < 2 * INSERTED || !(scale > 0 && scale < Infinity)) return null;
  ends.fill(0, 0, top + 2);
  for (let i = 0; i < count; i++) ends[bucketOf(values[i]!, low, scale, top) + 1]!++;
  for (let bucket = 1; bucket <= top + 1; bucket++) ends[bucket]! += ends[bucket - 1]!;
  return { low, scale, top };
}

/** The bucket that a place in the order falls into. */
function bucketAt(place: number, top: number): number {
  let low = 0;
  let high = top;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle + 1]! > place) high = middle;
    else low = middle + 1;
  }
  return low;
}

function order(values: Float64Array, from: number, to: number): void {
  if (to - from <= INSERTED) insertInOrder(values, from, to);
  else if (!rises(values, from, to)) values.subarray(from, to).sort();
}

/** Flags, counts and values cut at an end crowd one bucket with equal values. */
function rises(values: Float64Array, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++)
    if (!(values[i - 1]! < values[i]!) && !Object.is(values[i - 1], values[i])) return false;
  return true;
}

/** Rises with the value, whatever the rounding. */
function bucketOf(value: number, low: number, scale: number, top: number): number {
  return Math.min(top, (value - low) * scale) | 0;
}

function insertInOrder(sorted: Float64Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const value = sorted[i]!;
    let at = i;
    while (at > from && sorted[at - 1]! > value) {
      sorted[at] = sorted[at - 1]!;
      at--;
    }
    sorted[at] = value;
  }
}
