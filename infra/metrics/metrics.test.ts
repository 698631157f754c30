import { describe, expect, it } from 'vitest';
import { HealthParts } from './health-parts.ts';
import { Metrics } from './metrics.ts';

describe('the metrics of a process', () => {
  it('begin with signalbox_, all of them, and say what the process is once', async () => {
    const { type, text } = await new Metrics('worker').exposition();
    expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !name.startsWith('signalbox_'))).toEqual([]);
    expect(text).toMatch(/^signalbox_process_info\{role="worker",version="[^"]+",node="[^"]+"\} 1$/m);
  });

  it('show counts as they stand when they are asked for, never twice', async () => {
    const metrics = new Metrics('session');
    const counts = new Map([
      ['BUY', 2],
      ['SELL', 0],
    ]);
    metrics.tally({ name: 'signals_total', help: 'x', labels: ['action'] }, counts);
    const total = new Map([['', 7]]);
    metrics.tally({ name: 'bars_total', help: 'x' }, total);
    expect((await metrics.exposition()).text).toContain('signalbox_signals_total{action="SELL"} 0');
    counts.set('BUY', 5);
    const { text } = await metrics.exposition();
    expect(text).toContain('signalbox_signals_total{action="BUY"} 5\n');
    expect(text).toContain('signalbox_bars_total 7\n');
  });

  it('are told though one of them cannot be, and say which', async () => {
    const metrics = new Metrics('session');
    metrics.gauge({ name: 'lost', help: 'x', labels: ['state'] }, (gauge) => {
      gauge.set({ state: 'old' }, 1);
      throw new Error('no disk');
    });
    metrics.gauge({ name: 'kept', help: 'x' }, (gauge) => gauge.set(4));
    await metrics.exposition();
    const { text } = await metrics.exposition();
    expect(text).toContain('signalbox_kept 4\n');
    expect(text).not.toContain('state="old"');
    expect(text).toMatch(/signalbox_collect_failures_total\{metric="lost"\} [12]\n/);
  });

  it('are of one process each: a second one counts for itself', async () => {
    const [one, two] = [new Metrics('session'), new Metrics('session')];
    one.counter({ name: 'own_total', help: 'x' }).inc(3);
    two.counter({ name: 'own_total', help: 'x' });
    expect((await two.exposition()).text).toContain('signalbox_own_total 0\n');
  });
});

describe('the health of a process', () => {
  const well = { ok: true, detail: 'well' };

  it('is that it has begun, once, and every part when it is to be ready', async () => {
    const health = new HealthParts();
    health.add('database', () => well);
    expect(await health.answer('live')).toEqual({ ok: true, parts: {} });
    expect((await health.answer('startup')).ok).toBe(false);
    expect(await health.answer('ready')).toMatchObject({
      ok: false,
      parts: { startup: { ok: false }, database: well },
    });
    health.begin();
    expect((await health.answer('startup')).ok).toBe(true);
    expect((await health.answer('ready')).ok).toBe(true);
  });

  it('names the part that fails, throws or does not answer, and is alive all the same', async () => {
    const health = new HealthParts();
    health.begin();
    health.add('venue', () => ({ ok: false, detail: 'it is away' }));
    health.add('database', () => Promise.reject(new Error('no route')));
    health.add('queue', () => new Promise(() => undefined));
    const { ok, parts } = await health.answer('ready');
    expect(ok).toBe(false);
    expect(parts).toMatchObject({
      venue: { ok: false, detail: 'it is away' },
      database: { ok: false, detail: 'no route' },
      queue: { ok: false, detail: 'no answer within 2000 ms' },
    });
    expect((await health.answer('live')).ok).toBe(true);
    expect((await health.answer('startup')).ok).toBe(true);
  });
});
