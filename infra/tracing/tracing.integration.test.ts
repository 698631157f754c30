import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { loadConfig, maskSecrets } from '../config.ts';
import { OtlpCollector } from '../testing/servers/otlp-collector.ts';
import { openOtlp } from './otlp-tracing.ts';
import { openTracing } from './tracing.ts';

const notes: string[] = [];
const note = (text: string): void => void notes.push(text);
const open: OtlpCollector[] = [];

async function collector(options?: { hangs: boolean }): Promise<OtlpCollector> {
  const one = await OtlpCollector.start(options);
  open.push(one);
  return one;
}

beforeEach(() => void notes.splice(0));
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

describe('tracing', () => {
  it('is off where no collector is named', async () => {
    expect(await openTracing(loadConfig({}), 'worker', note)).toBeNull();
  });

  it('hands over spans with their parents, times and headers; what a header says is masked', async () => {
    const to = await collector();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `${to.url}/`, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=swordfish%2099,b=c' };
    const tracing = (await openTracing(loadConfig(env), 'worker', note))!;
    const outer = tracing.span('outer', { startMs: 1_000, attributes: { n: 1 } });
    const inner = tracing.span('inner', { parent: outer.traceparent, startMs: 1_200.5 });
    inner.fail('no luck');
    inner.end(1_300);
    outer.end(2_000);
    tracing.span('other', { parent: 'no traceparent' }).end();
    await tracing.end();
    const [first, second] = [to.named('outer')[0]!, to.named('inner')[0]!];
    expect(first).toMatchObject({ parent: null, role: 'worker', startNs: 1_000_000_000n, endNs: 2_000_000_000n });
    expect(second).toMatchObject({ trace: first.trace, parent: first.id, failed: 'no luck', startNs: 1_200_500_000n });
    expect(to.named('other')[0]!.trace).not.toBe(first.trace);
    expect(to.headers).toMatchObject({ 'x-key': 'swordfish 99', b: 'c' });
    expect(maskSecrets('it was swordfish 99')).toBe('it was ***');
    expect(notes).toEqual([]);
  });

  it('keeps no process where the collector hangs, and no more than it may', async () => {
    const to = await collector({ hangs: true });
    const tracing = (await openTracing(loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: to.url }), 'session', note))!;
    for (let n = 0; n < 20_000; n++) tracing.span('one of many').end();
    await expect.poll(() => to.requests).toBeGreaterThan(0);
    // It ends though nothing is answered, and a few batches at most were tried.
    await tracing.end();
    expect(to.requests).toBeLessThan(20_000 / 512);
  });

  it('says that a collector takes nothing', async () => {
    const to = await collector();
    const endpoint = to.url;
    to.close();
    const tracing = (await openTracing(loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }), 'session', note))!;
    tracing.span('lost').end();
    await expect.poll(() => notes).toEqual([expect.stringMatching(/^traces are not taken by the collector: /)]);
    await tracing.end();
  });

  it('names the package that is missing, and what to do', async () => {
    const missing = '@opentelemetry/not-installed';
    const load = () => import(/* @vite-ignore */ missing) as never;
    const opening = openOtlp({ endpoint: 'http://127.0.0.1:1', headers: {}, role: 'session', note }, load);
    const error = await opening.then(
      () => null,
      (reason: unknown) => reason as InputError,
    );
    expect(error).toBeInstanceOf(InputError);
    expect(error!.message).toBe(`OTEL_EXPORTER_OTLP_ENDPOINT is set, and ${missing} is not installed.`);
    expect(error!.remedy).toMatch(/^npm install @opentelemetry\/api .*, or unset OTEL_EXPORTER_OTLP_ENDPOINT\.$/);
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'hunter2'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'x=hunter2%'],
  ])('refuses a wrong %s without repeating it', (name, value) => {
    expect(() => loadConfig({ [name]: value })).toThrow(new RegExp(`^${name}: must `));
    expect(() => loadConfig({ [name]: value })).not.toThrow(/hunter2/);
  });
});
