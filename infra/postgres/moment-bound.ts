/** A moment as a bound of a query: what is not finite bounds nothing. */
export function momentBound(timeMs: number): Date | string {
  if (Number.isFinite(timeMs)) return new Date(timeMs);
  return timeMs > 0 ? 'infinity' : '-infinity';
}
