import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { Metrics } from '../metrics/metrics.ts';
import { inScope } from '../tracing/scope.ts';
import { keepSecret } from './configured-secrets.ts';
import { levelsFor } from './levels/follow-levels.ts';
import { createLogger, loggedLines, setLogLevels, type Logger } from './log.ts';
import { levelOf } from './log-levels.ts';

afterEach(() => setLogLevels({}));

const of = (text: string) => loadConfig({ SIGNALBOX_LOG: text });
const lines: string[] = [];
const destination = { write: (line: string) => void lines.push(line) };
const said = (logger: Logger): string[] => {
  lines.splice(0);
  for (const level of ['error', 'warn', 'info', 'debug', 'trace'] as const) logger[level](level);
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
};

describe('levels', () => {
  it('are read by module from SIGNALBOX_LOG', () => {
    expect(of('warn, trading.execution=debug ,trading=error')).toMatchObject({
      logLevel: 'warn',
      logModules: { 'trading.execution': 'debug', trading: 'error' },
    });
    expect(of('trading=debug')).toMatchObject({ logLevel: 'info', logModules: { trading: 'debug' } });
  });

  it.each([
    ['trading.execution=loud', /^SIGNALBOX_LOG: must hold levels out of silent, fatal/],
    ['info,tradign.execution=debug', /there is no module of that name: did you mean trading\.execution\?$/],
    ['info,xyzzy.of.nothing.at.all=debug', /there is no module of that name/],
  ])('name what is wrong in %s', (text, words) => expect(() => of(text)).toThrow(words));

  it('hold for the module of the longest name, and what is set wins over the settings', () => {
    const levels = { '*': 'error', trading: 'warn', 'trading.risk': 'debug' } as const;
    expect(levelOf(levels, 'trading.risk', 'info')).toBe('debug');
    expect(levelOf(levels, 'trading.execution', 'info')).toBe('warn');
    expect(levelOf(levels, 'cache', 'info')).toBe('error');
    expect(levelOf({}, 'cache', 'info')).toBe('info');
  });

  it('change while a logger is in use, for its module alone', () => {
    const [execution, risk] = (['trading.execution', 'trading.risk'] as const).map((module) =>
      createLogger(of('warn,trading.execution=info'), destination, module),
    ) as [Logger, Logger];
    expect(said(execution)).toEqual(['error', 'warn', 'info']);
    setLogLevels({ 'trading.execution': 'trace' });
    expect(said(execution)).toEqual(['error', 'warn', 'info', 'debug', 'trace']);
    expect(said(risk)).toEqual(['error', 'warn']);
    setLogLevels({ trading: 'silent', '*': 'debug' });
    expect(said(risk)).toEqual([]);
    expect(said(execution)).toEqual(['error', 'warn', 'info']);
    expect(said(createLogger(of('warn'), destination))).toEqual(['error', 'warn', 'info', 'debug']);
    setLogLevels({});
    expect(said(risk)).toEqual(['error', 'warn']);
  });

  it('are those of a process by all of its names, the narrowest last', () => {
    const set = [
      { module: 'cache', process: 'session:a', level: 'trace' },
      { module: 'cache', process: '*', level: 'warn' },
      { module: 'alerts', process: 'session', level: 'debug' },
      { module: '*', process: 'worker', level: 'silent' },
    ] as const;
    expect(levelsFor(set, ['*', 'session', 'session:a'])).toEqual({ cache: 'trace', alerts: 'debug' });
    expect(levelsFor(set, ['*', 'session', 'session:b'])).toEqual({ cache: 'warn', alerts: 'debug' });
  });
});

describe('a line', () => {
  it('names its module, and the request that it is written for', () => {
    lines.splice(0);
    const log = createLogger(of('info'), destination, 'service.requests');
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    inScope({ correlationId: 'request-1', traceparent }, () => log.info('within'));
    inScope({ correlationId: 'request-2', traceparent: null }, () => log.info({ correlationId: 'own' }, 'named'));
    log.info('outside');
    const [within, named, outside] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(within).toMatchObject({ module: 'service.requests', correlationId: 'request-1', trace: 'a'.repeat(32) });
    expect(named).toMatchObject({ correlationId: 'own' });
    expect(outside).not.toHaveProperty('correlationId');
  });

  it('holds no secret, however deep it lies', () => {
    lines.splice(0);
    keepSecret(['swordfish-9']);
    const log = createLogger(of('info'), destination);
    const deep = {
      a: { b: { c: { apiKey: 'hunter2', note: 'it is swordfish-9', headers: ['Bearer abcDEF123456.x'] } } },
    };
    inScope({ correlationId: 'token=hunter2', traceparent: null }, () => log.info(deep, 'opened swordfish-9'));
    log.error(Object.assign(new Error('no'), { config: { password: 'hunter2' } }));
    expect(lines.join('')).not.toMatch(/hunter2|swordfish-9|abcDEF/);
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  it('is counted by its level, in the metrics of the process', async () => {
    const before = new Map(loggedLines);
    said(createLogger(of('warn'), destination));
    const counted = [...loggedLines].map(([level, count]) => [level, count - before.get(level)!]);
    expect(Object.fromEntries(counted)).toEqual({ trace: 0, debug: 0, info: 0, warn: 1, error: 1, fatal: 0 });
    const { text } = await new Metrics('worker').exposition();
    expect(text).toContain(`signalbox_log_lines_total{level="warn"} ${loggedLines.get('warn')}\n`);
  });
});
