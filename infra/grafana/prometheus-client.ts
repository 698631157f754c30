import { z } from 'zod';

const MS_MAX = 10_000;

const number = z.tuple([z.number(), z.string()]);
const answerSchema = z.object({
  status: z.literal('success'),
  data: z.discriminatedUnion('resultType', [
    z.object({
      resultType: z.literal('vector'),
      result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: number })),
    }),
    z.object({
      resultType: z.literal('matrix'),
      result: z.array(z.object({ metric: z.record(z.string(), z.string()), values: z.array(number) })),
    }),
    z.object({ resultType: z.literal('scalar'), result: number }),
  ]),
});

/** A series as Prometheus has it: times in milliseconds; null for what is no finite number. */
export interface PromSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly time: readonly number[];
  readonly value: readonly (number | null)[];
}

/** A moment, or a span in steps. */
export type PromSpan = { readonly at: Date } | { readonly from: Date; readonly to: Date; readonly stepSeconds: number };

/** What an expression gives, or in words why it gives nothing: the answer of a page that shows much else. */
export async function askPrometheus(
  url: string,
  expression: string,
  span: PromSpan,
  signal: AbortSignal,
): Promise<readonly PromSeries[] | string> {
  const seconds = (time: Date): string => String(time.getTime() / 1_000);
  const [path, more] =
    'at' in span
      ? ['query', { time: seconds(span.at) }]
      : ['query_range', { start: seconds(span.from), end: seconds(span.to), step: String(span.stepSeconds) }];
  const address = new URL(`${url.replace(/\/+$/, '')}/api/v1/${path}`);
  const { username, password } = address;
  // A password in an address goes in a header: fetch takes none there.
  [address.username, address.password] = ['', ''];
  const secret = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  let text: string;
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: username === '' && password === '' ? {} : { authorization: `Basic ${secret}` },
      body: new URLSearchParams({ query: expression, ...more }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(MS_MAX)]),
    });
    text = await response.text();
    if (!response.ok) return `Prometheus answered ${response.status}: ${errorOf(text)}`;
  } catch {
    return 'Prometheus does not answer: see that it runs at SIGNALBOX_PROMETHEUS_URL.';
  }
  const parsed = answerSchema.safeParse(jsonOf(text));
  if (!parsed.success) return 'What answers at SIGNALBOX_PROMETHEUS_URL is no Prometheus.';
  const { data } = parsed.data;
  if (data.resultType === 'scalar') return [seriesOf({}, [data.result])];
  return data.resultType === 'vector'
    ? data.result.map(({ metric, value }) => seriesOf(metric, [value]))
    : data.result.map(({ metric, values }) => seriesOf(metric, values));
}

function seriesOf(
  labels: Readonly<Record<string, string>>,
  values: readonly (readonly [number, string])[],
): PromSeries {
  return {
    labels,
    time: values.map(([at]) => Math.round(1_000 * at)),
    value: values.map(([, value]) => (Number.isFinite(Number(value)) ? Number(value) : null)),
  };
}

function errorOf(text: string): string {
  const error = (jsonOf(text) as { error?: unknown } | undefined)?.error;
  return typeof error === 'string' ? error : 'nothing that could be read';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
