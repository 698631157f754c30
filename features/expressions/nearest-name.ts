/** Levenshtein distance: insertions, deletions and substitutions that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitute, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}

/**
 * The member of `names` closest to `text` without regard to case; null when none is within `slips`, by default half of
 * the text.
 */
export function nearestName(
  text: string,
  names: Iterable<string>,
  slips = Math.max(2, Math.ceil(text.length / 2)),
): string | null {
  const wanted = text.toLowerCase();
  let best: string | null = null;
  let bestDistance = slips + 1;
  for (const name of names) {
    // The lengths alone make that many steps.
    if (Math.abs(name.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Names that a remedy lists. */
const LISTED = 100;

/** `Did you mean "x"?`, or the list of what there is when nothing is near. */
export function suggest(text: string, names: readonly string[]): string {
  const nearest = nearestName(text, names);
  return nearest === null
    ? `Known: ${names.slice(0, LISTED).join(', ')}${names.length > LISTED ? ', ...' : ''}.`
    : `Did you mean "${nearest}"?`;
}
