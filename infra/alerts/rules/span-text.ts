/** A span of seconds as it is typed: 90s, 5m, 2h, 1d. */
export function spanText(seconds: number): string {
  if (seconds <= 0) return `${seconds}s`;
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  if (seconds % 3_600 === 0) return `${seconds / 3_600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
