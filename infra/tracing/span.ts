/** What a span says besides its name and times. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** How a span begins. */
export interface SpanOptions {
  /** The span above it, as W3C Trace Context spells it; null or absent: a trace of its own begins. */
  readonly parent?: string | null | undefined;
  /** Wall clock, ms since the epoch; now by default. */
  readonly startMs?: number;
  /** What it does with other processes, where it does. */
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes?: Attributes;
}

/** A span that has begun. */
export interface OpenSpan {
  /** Names it to spans below it, in this process and in others. */
  readonly traceparent: string;
  set(attributes: Attributes): void;
  /** What it was for did not come about; `words` say why. */
  fail(words: string): void;
  /** @param endMs wall clock, ms since the epoch; now by default */
  end(endMs?: number): void;
}

/** Where a process says what it did, when, and because of what. */
export interface Tracing {
  span(name: string, options?: SpanOptions): OpenSpan;
  /** Hands over what is left, for a while: a collector that does not answer keeps no process. */
  end(): Promise<void>;
}

/** Which process it is. */
export type TracedRole = 'service' | 'session' | 'worker';
