import { z } from 'zod';
import { route, type Route } from '../http/route.ts';
import type { AlertSeverity } from './alert.ts';
import { raiseAlert, resolveAlert } from './alert-store.ts';
import { channelsFor, configuredChannels } from './configured-channels.ts';
import { requireOwn } from './require-own.ts';

/** What Alertmanager posts (version 4). Keys that are not needed here may be there. */
const notification = z.object({
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()).default({}),
        startsAt: z.string(),
        fingerprint: z.string().regex(/^\w{1,64}$/),
      }),
    )
    .max(1_000),
});

const SEVERITIES: readonly string[] = ['info', 'warning', 'critical'];

/**
 * What Prometheus sees and a process cannot tell, by way of Alertmanager: alerts like others, so that they go to the
 * same channels, and are silenced, acknowledged and listed as others are.
 */
export function prometheusRoutes(): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/alerts/prometheus',
      permission: 'alerts:answer',
      summary: 'Takes what Alertmanager tells: each alert is raised once, and over when Alertmanager says so',
      tag: 'alerts',
      body: notification,
      answers: { 200: z.object({ taken: z.int() }) },
      handle: async ({ body: { alerts }, context, identity }) => {
        requireOwn(identity!, null);
        const names = configuredChannels(context.config).map(({ name }) => name);
        const atMs = context.clock();
        await (
          await context.database()
        ).transaction(async (client) => {
          // Told twice in one message, the last counts.
          const told = new Map(alerts.map((alert) => [alert.fingerprint, alert]));
          for (const { status, labels, annotations, startsAt, fingerprint } of told.values()) {
            const key = `prometheus/${fingerprint}`;
            if (status === 'resolved') {
              await resolveAlert(client, key, { atMs, channels: names, why: 'Prometheus sees it no more' });
              continue;
            }
            const severity = severityOf(labels['severity']);
            const type = typeOf(labels['alertname']);
            const { summary = type, remedy } = annotations;
            const details = { ...labels, startsAt, ...(remedy === undefined ? {} : { remedy }) };
            const channels = channelsFor(names, severity, context.config.alerts);
            const alert = { key, type, severity, sessionId: null, words: summary, details };
            await raiseAlert(client, alert, { atMs, channels });
          }
        });
        return { taken: alerts.length };
      },
    }),
  ];
}

function severityOf(label: string | undefined): AlertSeverity {
  return label !== undefined && SEVERITIES.includes(label) ? (label as AlertSeverity) : 'warning';
}

/** `DiskNearlyFull` of Prometheus is the type `prometheus-disk-nearly-full`. */
function typeOf(name = 'unnamed'): string {
  return `prometheus-${name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase()}`.slice(0, 100);
}
