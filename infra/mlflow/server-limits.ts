import { posix } from 'node:path';
import { sha256 } from '../hash.ts';

/** Limits of `runs/log-batch` (mlflow/utils/validation.py of 3.17.2; checked against a server in the tests). */
export const BATCH_LIMITS = {
  metrics: 1000,
  params: 100,
  tags: 100,
  total: 1000,
  /** The server refuses requests over 1,000,000 characters; the rest is room for the envelope. */
  bytes: 950_000,
} as const;

/** The server cuts longer values without a word. */
export const PARAM_CHARS_MAX = 6000;
export const TAG_CHARS_MAX = 8000;
const NAME_CHARS_MAX = 250;
export const DATASET_DIGEST_CHARS_MAX = 36;

/** A number as JSON can carry it to MLflow, which reads NaN and the infinities from text. */
export type WireNumber = number | 'NaN' | 'Infinity' | '-Infinity';

/** `JSON.stringify` writes null for what JSON has no number for, and the server refuses null. */
export function wireNumber(value: number): WireNumber {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return 'Infinity';
  if (value === -Infinity) return '-Infinity';
  return value;
}

/**
 * `name` as MLflow accepts it for metrics, parameters and tags: letters, digits, `_ - . : /` and spaces, at most 250
 * characters, no path tricks. `rsi(14)` becomes `rsi_14`, `macd(12,26,9).signal` becomes `macd_12_26_9.signal`. A name
 * that `taken` already has for another original gets a hash of the original appended, so that two names never become
 * one.
 */
export function mlflowName(name: string, taken: Map<string, string> = new Map()): string {
  let plain = name;
  if (!/^[\w\-. :/]+$/.test(plain)) plain = plain.replace(/[^\w\-. :/]+/g, '_').replace(/_+(?=[./]|$)/g, '');
  const escapes = /^($|\.$|\.\.|\/)/.test(plain);
  if (escapes || plain.endsWith('/') || posix.normalize(plain) !== plain) plain = `_${plain.replace(/[./]+/g, '_')}`;
  const tail = `_${sha256(name).slice(0, 8)}`;
  if (plain.length > NAME_CHARS_MAX) plain = plain.slice(0, NAME_CHARS_MAX - tail.length) + tail;
  const owner = taken.get(plain);
  if (owner !== undefined && owner !== name) plain = plain.slice(0, NAME_CHARS_MAX - tail.length) + tail;
  taken.set(plain, name);
  return plain;
}

interface WireMetric {
  readonly key: string;
  readonly value: WireNumber;
  readonly timestamp: number;
  readonly step: number;
}

export interface WireText {
  readonly key: string;
  readonly value: string;
}

/** What one `runs/log-batch` carries. */
export interface WireBatch {
  readonly metrics: readonly WireMetric[];
  readonly params: readonly WireText[];
  readonly tags: readonly WireText[];
}

/** Cuts a batch into batches that the server accepts, in order: parameters, tags, metrics. */
export function splitBatch(batch: WireBatch): WireBatch[] {
  const batches: { metrics: WireMetric[]; params: WireText[]; tags: WireText[] }[] = [];
  let current = { metrics: [] as WireMetric[], params: [] as WireText[], tags: [] as WireText[] };
  let bytes = 0;
  const add = <Kind extends keyof WireBatch>(kind: Kind, item: WireBatch[Kind][number]): void => {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    const total = current.metrics.length + current.params.length + current.tags.length;
    const full = current[kind].length >= BATCH_LIMITS[kind] || total >= BATCH_LIMITS.total;
    if (total > 0 && (full || bytes + size > BATCH_LIMITS.bytes)) {
      batches.push(current);
      current = { metrics: [], params: [], tags: [] };
      bytes = 0;
    }
    (current[kind] as unknown[]).push(item);
    bytes += size;
  };
  for (const param of batch.params) add('params', param);
  for (const tag of batch.tags) add('tags', tag);
  for (const metric of batch.metrics) add('metrics', metric);
  if (bytes > 0) batches.push(current);
  return batches;
}
