import type { Config } from '../config.ts';
import type { TracedRole, Tracing } from './span.ts';

/**
 * Begins to trace where OTEL_EXPORTER_OTLP_ENDPOINT is set; null where it is not: then nothing is loaded and nothing is
 * measured.
 * @param note hears, once each, that the collector takes no spans, and that it does again
 * @throws InputError where the packages that it takes are not installed
 */
export async function openTracing(
  { otlpEndpoint, otlpHeaders }: Pick<Config, 'otlpEndpoint' | 'otlpHeaders'>,
  role: TracedRole,
  note: (text: string) => void,
): Promise<Tracing | null> {
  if (otlpEndpoint === null) return null;
  const { openOtlp } = await import('./otlp-tracing.ts');
  return openOtlp({ endpoint: otlpEndpoint, headers: otlpHeaders, role, note });
}
