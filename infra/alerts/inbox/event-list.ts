import type pg from 'pg';
import { EVENT_TYPES, type EventType } from '../event-types.ts';
import { ALERT_METRICS } from '../rules/alert-metric.ts';
import { holdingRules } from '../rules/evaluate-rules.ts';

/** Every type that there may be alerts of: those that parts of the program raise, and those of rules. */
export async function eventTypes(client: Pick<pg.ClientBase, 'query'>): Promise<EventType[]> {
  const rules = await holdingRules(client);
  return [
    ...EVENT_TYPES,
    ...rules.map(({ name, severity, metric }) => ({ type: name, severity, words: ALERT_METRICS[metric].words })),
  ];
}
