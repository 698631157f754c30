import { z } from 'zod';

// What is answered about the processes, queues and the database behind the service.

const time = z.iso.datetime();
const count = z.int();

export const systemSchema = z
  .object({
    versions: z.object({ signalbox: z.string(), node: z.string() }),
    queueBackend: z.enum(['postgres', 'redis']),
    processes: z.array(
      z
        .object({
          id: z.string(),
          role: z.enum(['service', 'worker', 'session']),
          host: z.string(),
          pid: count,
          version: z.string(),
          node: z.string(),
          beganAt: time,
          seenAt: time,
          lost: z.boolean().meta({ description: 'it has not said for a while that it is there' }),
          health: z.object({
            status: z.enum(['ok', 'failing']),
            parts: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string() })),
          }),
          figures: z.object({
            memoryBytes: z.number(),
            sockets: count.nullable(),
            logLines: z.record(z.string(), count).meta({ description: 'lines of its log by level' }),
          }),
        })
        .meta({ id: 'Process' }),
    ),
  })
  .meta({ id: 'System' });

export const queuesSchema = z.object({
  queues: z.array(
    z
      .object({
        queue: z.string(),
        waiting: count,
        active: count,
        delayed: count,
        completed: count,
        failed: count,
        workers: count,
        failures: z.array(
          z.object({
            id: z.string(),
            name: z.string(),
            reason: z.string(),
            attempts: count,
            failedAt: time.nullable(),
          }),
        ),
      })
      .meta({ id: 'Queue' }),
  ),
});

export const databaseSchema = z
  .object({
    version: z.string(),
    embedded: z.boolean(),
    bytes: z.number(),
    applied: z.array(z.string()),
    pending: z.array(z.string()),
    unknown: z.array(z.string()),
    connections: count,
    connectionsMax: count,
    largest: z.array(z.object({ table: z.string(), bytes: z.number() })),
    lastBackup: z
      .object({
        madeAt: time,
        host: z.string(),
        file: z.string(),
        tables: count,
        rows: z.number(),
        sealed: z.boolean(),
      })
      .nullable(),
  })
  .meta({ id: 'DatabaseStatus' });
