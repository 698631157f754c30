import type { Span, Telemetry } from 'bullmq';
import { currentScope, inScope, type Scope } from '../tracing/scope.ts';
import type { Attributes, Tracing } from '../tracing/span.ts';

/** What of a queue is traced: that a job is handed over, and that it is done. Locks and looks for the next are not. */
const TRACED = /^(add|addBulk|addFlow|addBulkFlows|addNode|process)\b/;

/** Which request and span a job came from: it is kept with the job, and whoever does it goes on from there. */
type JobContext = Scope | null;

/** Jobs as parts of the trace of whoever asked for them, wherever they are done. Null: they only carry it. */
export function queueTelemetry(tracing: Tracing | null): Telemetry<JobContext> {
  return {
    tracer: {
      startSpan: (name, _options, context?: JobContext) => {
        const above = context ?? currentScope();
        if (tracing === null || !TRACED.test(name)) return spanOf(null, above);
        const kind = name.startsWith('process') ? 'consumer' : 'producer';
        return spanOf(tracing.span(name, { parent: above?.traceparent, kind }), above);
      },
    },
    contextManager: {
      with: (context: JobContext, work) =>
        (context === null ? work() : inScope(context, work)) as ReturnType<typeof work>,
      active: currentScope,
      root: () => null,
      getMetadata: (context: JobContext) =>
        context === null || context.traceparent === null ? '' : `${context.traceparent} ${context.correlationId}`,
      fromMetadata: (active: JobContext, metadata) => {
        const [traceparent = '', correlationId = ''] = metadata.split(' ');
        return traceparent === '' ? active : { traceparent, correlationId };
      },
    },
  };
}

function spanOf(open: ReturnType<Tracing['span']> | null, above: JobContext): Span<JobContext> {
  return {
    setSpanOnContext: (context: JobContext) => {
      if (open === null) return context;
      const correlationId = (context ?? above)?.correlationId ?? open.traceparent.split('-')[1]!;
      return { correlationId, traceparent: open.traceparent };
    },
    setAttribute: (key, value) => open?.set(plain({ [key]: value })),
    setAttributes: (attributes) => open?.set(plain(attributes)),
    addEvent: () => undefined,
    recordException: (error) => open?.fail(typeof error === 'string' ? error : (error.message ?? 'failed')),
    end: () => open?.end(),
  };
}

function plain(attributes: Readonly<Record<string, unknown>>): Attributes {
  const kept = Object.entries(attributes).filter(([, value]) => /^(string|number|boolean)$/.test(typeof value));
  return Object.fromEntries(kept) as Attributes;
}
