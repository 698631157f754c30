/** Figures of a list of milliseconds, to a tenth. */
export function quantilesOf(ms: readonly number[]): { readonly p50Ms: number; readonly p99Ms: number; maxMs: number } {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(10 * (sorted[Math.ceil(share * sorted.length) - 1] ?? NaN)) / 10;
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
