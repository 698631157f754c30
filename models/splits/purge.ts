import type { Dataset } from '../dataset.ts';

/** What became of candidate training rows; each array ascends. */
export interface PurgedRows {
  readonly rows: Int32Array;
  readonly purged: Int32Array;
  readonly embargoed: Int32Array;
}

type Spans = Pick<Dataset, 'decisionTimeMs' | 'labelEndTimeMs'>;
type Verdict = 'keep' | 'purge' | 'embargo';

function sort(candidates: Int32Array, judge: (row: number) => Verdict): PurgedRows {
  const rows = new Int32Array(candidates.length);
  const purged: number[] = [];
  const embargoed: number[] = [];
  let kept = 0;
  for (let i = 0; i < candidates.length; i++) {
    const row = candidates[i]!;
    const verdict = judge(row);
    if (verdict === 'keep') rows[kept++] = row;
    else (verdict === 'purge' ? purged : embargoed).push(row);
  }
  return { rows: rows.slice(0, kept), purged: Int32Array.from(purged), embargoed: Int32Array.from(embargoed) };
}

/**
 * Purges rows before a test window whose label was not known before it began, then embargoes those known only shortly
 * before.
 */
export function purgeBefore(
  dataset: Spans,
  candidates: Int32Array,
  limits: { testFromMs: number; embargoFromMs: number },
): PurgedRows {
  return sort(candidates, (row) => {
    const end = dataset.labelEndTimeMs[row]!;
    if (end >= limits.testFromMs) return 'purge';
    return end >= limits.embargoFromMs ? 'embargo' : 'keep';
  });
}

/** What a test block forbids: the time its decisions and labels span, and the embargo after it. */
export interface BlockSpan {
  readonly fromMs: number;
  /** Last label end of the block. */
  readonly toMs: number;
  /** Last decision time under embargo; equal to `toMs` without one. */
  readonly embargoToMs: number;
}

/**
 * Purges rows on either side of test blocks (Lopez de Prado 2018, section 7.4): a row goes when its span from decision
 * to label end touches that of a block, and when its decision falls in the embargo after one.
 */
export function purgeAround(dataset: Spans, candidates: Int32Array, blocks: readonly BlockSpan[]): PurgedRows {
  return sort(candidates, (row) => {
    const from = dataset.decisionTimeMs[row]!;
    const to = dataset.labelEndTimeMs[row]!;
    if (blocks.some((block) => from <= block.toMs && to >= block.fromMs)) return 'purge';
    return blocks.some((block) => from > block.toMs && from <= block.embargoToMs) ? 'embargo' : 'keep';
  });
}
