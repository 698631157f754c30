import { setTimeout as sleep } from 'node:timers/promises';
import { createToken } from '../../../infra/auth/accounts.ts';
import { SYSTEM } from '../../../infra/audit/operator.ts';
import { systemClock } from '../../../infra/clock.ts';
import type { BenchContext } from '../benchmark.ts';
import type { BenchmarkResult } from '../benchmark-result.ts';
import { tradeOn } from './many-sessions.ts';

const ID = 'bench-sockets';
const SOCKETS = 200;
/** Of one client at most. */
const SOCKETS_A_TOKEN = 50;
const UPDATES_A_SECOND = 10;
const SECONDS = 15;
/** Minutes of the market in a second: a bar, an order and a fill ten times. */
const SPEED = String(60 * UPDATES_A_SECOND);

/**
 * 200 sockets that are told ten times a second of what a session fills, half of them with an interval of 100 ms and
 * half of 250 ms: what the process of the service uses of a processor for it.
 */
export async function benchSockets({
  database,
  note,
}: Pick<BenchContext, 'database' | 'note'>): Promise<BenchmarkResult[]> {
  const opened = await database();
  // Parts for tests: no part of what is installed for use.
  const { ServedProcess } = await import('../../../trading/api/testing/served-process.ts');
  const { SocketListener, of } = await import('../../../trading/api/testing/socket-listener.ts');
  const ending = new AbortController();
  const trading = tradeOn(opened, ID, { speed: SPEED, signal: ending.signal });
  // What ends it is thrown at the end, where it is waited for.
  trading.catch(() => undefined);
  const service = await ServedProcess.start(opened.url);
  try {
    const tokens = await tokensFor(opened, SOCKETS / SOCKETS_A_TOKEN);
    const listeners = Array.from({ length: SOCKETS }, (_, at) => {
      const interval = at % 2 === 0 ? 100 : 250;
      return SocketListener.to(service.socket, tokens[Math.floor(at / SOCKETS_A_TOKEN)]!, `fills:${ID}`, interval);
    });
    for (const listener of listeners) await listener.first(of('update', `fills:${ID}`));
    note(`${SOCKETS} sockets listen`);
    const before = { cpu: service.cpuSeconds(), messages: countOf(listeners), ms: performance.now() };
    await sleep(SECONDS * 1_000);
    const seconds = (performance.now() - before.ms) / 1_000;
    const cpuSeconds = service.cpuSeconds() - before.cpu;
    const messages = countOf(listeners) - before.messages;
    for (const { socket } of listeners) socket.terminate();
    const idle = service.cpuSeconds();
    const idleFrom = performance.now();
    await sleep(SECONDS * 1_000);
    const idleShare = (service.cpuSeconds() - idle) / ((performance.now() - idleFrom) / 1_000);
    if (messages < SOCKETS * SECONDS) throw new Error(`Only ${messages} messages came to ${SOCKETS} sockets.`);
    return [
      {
        name: 'sockets',
        work: `${SOCKETS} sockets, half told every 100 ms and half every 250 ms, ${UPDATES_A_SECOND} fills a second`,
        seconds,
        runs: 1,
        rate: (100 * cpuSeconds) / seconds,
        unit: '% of a core',
        checks: {
          cpuSeconds: rounded(cpuSeconds),
          messages,
          messagesPerSecond: rounded(messages / seconds),
          microsecondsPerMessage: rounded((1e6 * cpuSeconds) / messages),
          percentOfACoreWithoutSockets: rounded(100 * idleShare),
        },
      },
    ];
  } finally {
    await service.stop();
    ending.abort(new Error('the benchmark is over'));
    await trading;
  }
}

const rounded = (value: number): number => Math.round(100 * value) / 100;

const countOf = (listeners: readonly { readonly messages: readonly { readonly type: string }[] }[]): number =>
  listeners.reduce((sum, { messages }) => sum + messages.filter(({ type }) => type === 'update').length, 0);

async function tokensFor(database: Parameters<typeof createToken>[0]['database'], count: number): Promise<string[]> {
  const doing = { database, clock: systemClock, actor: SYSTEM };
  const tokens: string[] = [];
  for (let at = 0; at < count; at++) {
    const name = `bench ${systemClock()} ${at}`;
    tokens.push((await createToken(doing, { name, role: 'viewer', sessions: null, days: 1 })).value);
  }
  return tokens;
}
