import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const payloadSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(z.object({ key: z.string(), value: z.looseObject({}) })) }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              name: z.string(),
              startTimeUnixNano: z.string(),
              endTimeUnixNano: z.string(),
              attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
              status: z.looseObject({ message: z.string().optional() }),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** A span that has come. */
export interface CollectedSpan {
  readonly trace: string;
  readonly id: string;
  readonly parent: string | null;
  readonly name: string;
  /** Role of the process that it is of. */
  readonly role: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly failed: string | null;
}

/** A collector that takes spans by OTLP over HTTP, in JSON, and keeps them; or one that never answers. */
export class OtlpCollector {
  readonly spans: CollectedSpan[] = [];
  /** Headers of the last request. */
  headers: NodeJS.Dict<string | string[]> = {};
  requests = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start({ hangs = false }: { readonly hangs?: boolean } = {}): Promise<OtlpCollector> {
    const server = createServer((request, response) => {
      collector.requests += 1;
      collector.headers = request.headers;
      if (hangs) return;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        collector.#take(JSON.parse(Buffer.concat(chunks).toString()));
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
    const collector = new OtlpCollector(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Spans of that name, the oldest first. */
  named(name: string): readonly CollectedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** The spans above a span, the nearest first. */
  above(span: CollectedSpan): readonly CollectedSpan[] {
    const parent = this.spans.find(({ id, trace }) => id === span.parent && trace === span.trace);
    return parent === undefined ? [] : [parent, ...this.above(parent)];
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take(payload: unknown): void {
    for (const { resource, scopeSpans } of payloadSchema.parse(payload).resourceSpans) {
      const role = valuesOf(resource.attributes)['service.instance.role'];
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        this.spans.push({
          trace: span.traceId,
          id: span.spanId,
          parent: span.parentSpanId ?? null,
          name: span.name,
          role,
          attributes: valuesOf(span.attributes),
          startNs: BigInt(span.startTimeUnixNano),
          endNs: BigInt(span.endTimeUnixNano),
          failed: span.status.message ?? null,
        });
      }
    }
  }
}

function valuesOf(attributes: readonly { key: string; value: object }[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
