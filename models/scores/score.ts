/** A figure, or why it cannot be had: never a made-up 0. */
export type Score =
  { readonly value: number; readonly reason: null } | { readonly value: null; readonly reason: string };

export function scored(value: number): Score {
  return Number.isFinite(value) ? { value, reason: null } : unscored('The figure is not finite');
}

export function unscored(reason: string): Score {
  return { value: null, reason };
}
