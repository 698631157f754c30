/**
 * What goes wrong around a session and reaches its engine as an event with a measured value. Records hold the place:
 * append only.
 */
export const CONDITIONS = ['data-late', 'orders-failing', 'latency', 'venue-breaker'] as const;
export type ConditionName = (typeof CONDITIONS)[number];
