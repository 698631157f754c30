import type { RiskLimits } from '../../models/experiment/experiment.ts';

/** Of these, by the last part of their name, a larger number is the stricter one. */
const STRICTER_ABOVE = ['minimumConfidence', 'level', 'seconds', 'equityFraction'];
/** These, by the last part of their name, are stricter the smaller they are. Any other change counts as wider. */
const STRICTER_BELOW =
  /(Fraction|Notional|Amount|^fraction|^amount|^above|^leverage|^orders|^ordersPerMinute|^openOrders|^openOrdersPerSymbol|^rejectionsInARow|^rejectionsPerMinute|^lateShare|^latencyMsMax|^latencyOrdersPerMinute|^ordersFailingMax|^healthSeconds)$/;

/** A limit by its whole name, and what it was and is. */
export interface LimitDifference {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
  /** It allows more than before, or may. */
  readonly loosens: boolean;
}

/** What differs between two sets of limits, by name. One that was off and is set is stricter, the other way wider. */
export function limitDifferences(before: RiskLimits, after: RiskLimits): readonly LimitDifference[] {
  const [old, young] = [leavesOf(before), leavesOf(after)];
  const names = [...new Set([...old.keys(), ...young.keys()])].sort();
  return names.flatMap((name) => {
    const [was, is] = [old.get(name) ?? null, young.get(name) ?? null];
    return was === is ? [] : [{ name, before: was, after: is, loosens: loosens(name, was, is) }];
  });
}

function loosens(name: string, was: unknown, is: unknown): boolean {
  if (name === 'shortAllowed') return is === true;
  if (name === 'emergencyStop.flatten') return false;
  // What the table of degradation measures by when nothing is set is in force as well.
  if (name.startsWith('degradation.') && (was === null || is === null)) return true;
  const part = name.slice(name.lastIndexOf('.') + 1);
  if (was === null) return false;
  if (is === null) return true;
  if (typeof was !== 'number' || typeof is !== 'number') return true;
  if (STRICTER_ABOVE.includes(part)) return is < was;
  return STRICTER_BELOW.test(part) ? is > was : true;
}

/** Values that are no objects, by their path; lists as one text. What is off is left out. */
function leavesOf(limits: object, path = ''): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  for (const [key, value] of Object.entries(limits) as [string, unknown][]) {
    const name = path + key;
    if (value === null || value === undefined) continue;
    if (Array.isArray(value)) leaves.set(name, value.join(', '));
    else if (typeof value !== 'object') leaves.set(name, value);
    else for (const [inner, one] of leavesOf(value, `${name}.`)) leaves.set(inner, one);
  }
  return leaves;
}
