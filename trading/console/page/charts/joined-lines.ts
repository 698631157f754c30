/** Numbers over time under one name. */
export interface TimedLine {
  readonly name: string;
  readonly time: readonly number[];
  readonly value: readonly (number | null)[];
}

/** Lines beside each other, on the moments that any of them has: null where one has none. */
export interface JoinedLines {
  readonly time: readonly number[];
  readonly values: readonly (readonly (number | null)[])[];
}

/** Lines on one axis of time, ascending. */
export function joinedLines(lines: readonly Omit<TimedLine, 'name'>[]): JoinedLines {
  const time = [...new Set(lines.flatMap((line) => line.time))].sort((a, b) => a - b);
  const values = lines.map((line) => {
    const known = new Map(line.time.map((at, row) => [at, line.value[row] ?? null]));
    return time.map((at) => known.get(at) ?? null);
  });
  return { time, values };
}
