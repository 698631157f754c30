import type { SpanContext } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import { InputError } from '../errors.ts';
import { programVersion } from '../program-version.ts';
import type { OpenSpan, SpanOptions, TracedRole, Tracing } from './span.ts';

/** Spans that wait for the collector at the most; more are dropped. A hundred closes a second with an order each. */
const WAITING_MAX = 4_096;
const BATCH_MAX = 512;
const EVERY_MS = 1_000;
/** A collector that has not answered by then has not taken what it was given. */
const ANSWER_MS_MAX = 5_000;
/** How long the end of a process waits for what is left. */
const END_MS_MAX = 2_000;

const PACKAGES = [
  '@opentelemetry/api',
  '@opentelemetry/sdk-trace-node',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
] as const;

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export interface OtlpOptions {
  /** Without the path of signals, as the standard has it: `http://collector:4318`. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly role: TracedRole;
  readonly note: (text: string) => void;
}

/** The packages, which are loaded here and nowhere else. */
async function loadPackages() {
  return Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
}

/**
 * Spans by OTLP over HTTP, in batches, beside what is done.
 * @throws InputError where a package is not installed
 */
export async function openOtlp(options: OtlpOptions, load = loadPackages): Promise<Tracing> {
  const { endpoint, headers, role, note } = options;
  const [api, sdk, otlp, resources] = await load().catch(explainMissing);
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = new otlp.OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: ANSWER_MS_MAX });
  const processor = new sdk.BatchSpanProcessor(told(exporter, note), {
    maxQueueSize: WAITING_MAX,
    maxExportBatchSize: BATCH_MAX,
    scheduledDelayMillis: EVERY_MS,
    exportTimeoutMillis: ANSWER_MS_MAX,
  });
  const about = { 'service.name': 'signalbox', 'service.version': programVersion(), 'service.instance.role': role };
  const provider = new sdk.NodeTracerProvider({
    resource: resources.resourceFromAttributes(about),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('signalbox', programVersion());
  return {
    span: (name, { parent, startMs, kind = 'internal', attributes = {} }: SpanOptions = {}): OpenSpan => {
      const above = spanContextOf(parent ?? '');
      const root = api.ROOT_CONTEXT;
      const context = above === null ? root : api.trace.setSpanContext(root, above);
      const named = { kind: api.SpanKind[KINDS[kind]], attributes: { ...attributes } };
      const span = tracer.startSpan(
        name,
        startMs === undefined ? named : { ...named, startTime: hrTime(startMs) },
        context,
      );
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
        set: (more) => void span.setAttributes({ ...more }),
        fail: (words) => void span.setStatus({ code: api.SpanStatusCode.ERROR, message: words }),
        end: (endMs) => span.end(endMs === undefined ? undefined : hrTime(endMs)),
      };
    },
    end: async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, END_MS_MAX)));
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

const KINDS = {
  internal: 'INTERNAL',
  server: 'SERVER',
  client: 'CLIENT',
  producer: 'PRODUCER',
  consumer: 'CONSUMER',
} as const;

/** Seconds and nanoseconds: of a plain number it would be guessed what it is. */
function hrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.floor((ms - seconds * 1_000) * 1e6)];
}

/** Null for what spells none. */
function spanContextOf(traceparent: string): SpanContext | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId!)) return null;
  return { traceId, spanId: spanId!, traceFlags: parseInt(flags!, 16), isRemote: true };
}

/** The same exporter; says once that spans are not taken, and once that they are again. */
function told(exporter: SpanExporter, note: (text: string) => void): SpanExporter {
  let failing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.code !== 0;
        if (failed !== failing) {
          const why = result.error === undefined ? '' : `: ${result.error.message}`;
          note(failed ? `traces are not taken by the collector${why}` : 'traces are taken by the collector again');
        }
        failing = failed;
        done(result);
      }),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}

function explainMissing(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes('@opentelemetry/')) throw error;
  const name = /@opentelemetry\/[\w-]+/.exec(error.message)![0];
  throw new InputError(
    `OTEL_EXPORTER_OTLP_ENDPOINT is set, and ${name} is not installed.`,
    `npm install ${PACKAGES.join(' ')}, or unset OTEL_EXPORTER_OTLP_ENDPOINT.`,
  );
}
