import autocannon from 'autocannon';
import { createToken } from '../../../infra/auth/accounts.ts';
import { SYSTEM } from '../../../infra/audit/operator.ts';
import { systemClock } from '../../../infra/clock.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { medianOf, type BenchContext } from '../benchmark.ts';
import type { BenchmarkResult } from '../benchmark-result.ts';
import { BENCH_SESSION, benchOrderedBars } from '../session/session-bench.ts';
import { askAtPace } from './ask-at-pace.ts';
import { ServerProcess } from './server-process.ts';

/** A client may ask 100 times a second: these may ask 50,000 times, and those that ask at a pace 20,000 times. */
const CLIENTS = 500;
const PACED_CLIENTS = 200;
/** As many ask at once where the speed is measured, and where requests come at a pace. */
const AT_ONCE = { closed: 32, paced: 200 };

/** How much is asked. */
export interface ApiBenchSize {
  /** Orders in the database. */
  readonly orders: number;
  readonly clients: number;
  readonly rounds: number;
  /** Of each round, and of the warm-up before. */
  readonly seconds: number;
  /** Requests a second, in the end. */
  readonly offered: number;
}

const WHOLE: ApiBenchSize = { orders: 2_000, clients: CLIENTS, rounds: 5, seconds: 3, offered: 10_000 };

/** What is asked: twenty orders, from the database each time; and what an answer may be kept of for a moment. */
const READS = {
  orders: `/api/v1/orders?session=${BENCH_SESSION}&limit=20`,
  kept: '/api/v1/market-data/AAA?limit=20',
} as const;
type Read = keyof typeof READS;

/** One run of requests against one server. */
interface Ran {
  readonly answers: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly p99Ms: number;
}

/** Reads of the service beside those of bare `node:http`, in one run: by processor second, and both at a pace. */
export async function benchApi(
  { now, note, database }: BenchContext,
  size: ApiBenchSize = WHOLE,
): Promise<BenchmarkResult[]> {
  const opened = await database();
  note('a session with orders, and tokens of clients');
  await benchOrderedBars({ now, database }, size.orders);
  // Bars for tests: no part of what is installed for use.
  const { storedBars } = await import('../../../trading/api/testing/stored-bars.ts');
  await storedBars(opened, 'AAA');
  const tokens = await tokensIn(opened, size.clients);
  const servers: ServerProcess[] = [];
  try {
    servers.push(await ServerProcess.service(opened.url));
    servers.push(await ServerProcess.bare(opened.url));
    await keepAtBare(servers, tokens[0]!);
    const results: BenchmarkResult[] = [];
    for (const read of Object.keys(READS) as Read[]) {
      note(`${read}: ${servers.map(({ name }) => name).join(' and ')} in turn`);
      results.push(...(await inTurn(servers, { ...size, read, tokens })));
    }
    const { offered } = size;
    note(`${offered} requests a second: ${servers.map(({ name }) => name).join(' and ')} in turn`);
    const paced = await inTurn(servers, { ...size, read: 'kept', tokens, rate: offered });
    results.push(...paced.map((result) => ({ ...result, name: result.name.replace('kept', `at ${offered}/s`) })));
    return results;
  } finally {
    for (const server of servers) await server.end();
  }
}

/** Both are asked in turn, so that what else the machine does meets both. */
async function inTurn(
  servers: readonly ServerProcess[],
  { rounds, ...asking }: Pick<ApiBenchSize, 'rounds'> & Asking,
): Promise<BenchmarkResult[]> {
  const { read } = asking;
  const ran: Ran[][] = servers.map(() => []);
  for (const server of servers) await ask(server, asking);
  for (let round = 0; round < rounds; round++) {
    for (const [at, server] of servers.entries()) ran[at]!.push(await ask(server, asking));
  }
  const shares = ran[0]!.map((one, round) => perCpuSecond(one) / perCpuSecond(ran[1]![round]!));
  return servers.map((server, at) => {
    const result = resultOf(server, read, ran[at]!);
    return at === 0 ? { ...result, checks: { ...result.checks, shareOfBare: medianOf(shares) } } : result;
  });
}

async function tokensIn(database: Database, clients: number): Promise<string[]> {
  const doing = { database, clock: systemClock, actor: SYSTEM };
  const run = String(systemClock());
  const names = Array.from({ length: clients }, (_, client) => `bench ${run} ${client}`);
  const tokens: string[] = [];
  for (const name of names) {
    tokens.push((await createToken(doing, { name, role: 'viewer', sessions: null, days: 1 })).value);
  }
  return tokens;
}

/** The bare server answers from memory what the service has answered. */
async function keepAtBare([service, bare]: readonly ServerProcess[], token: string): Promise<void> {
  const answered = await fetch(`${service!.address}${READS.kept}`, { headers: { authorization: `Bearer ${token}` } });
  const body = await answered.text();
  if (answered.status !== 200) throw new Error(`${READS.kept}: ${answered.status}: ${body}`);
  await fetch(`${bare!.address}${READS.kept}`, { method: 'PUT', body });
}

interface Asking {
  readonly read: Read;
  readonly tokens: readonly string[];
  readonly seconds: number;
  /** Requests a second, whatever the answers take; absent: the next is sent when one is answered. */
  readonly rate?: number;
}

async function ask(server: ServerProcess, { read, tokens, seconds, rate }: Asking): Promise<Ran> {
  let client = 0;
  const before = await server.cpuSeconds();
  if (rate !== undefined) {
    const pace = {
      path: READS[read],
      tokens: tokens.slice(0, PACED_CLIENTS),
      seconds,
      rate,
      connections: AT_ONCE.paced,
    };
    const { faults, ...paced } = await askAtPace(server.address, pace);
    if (faults > 0) throw new Error(`${server.name}, ${read}: ${faults} refused or not answered`);
    return { ...paced, cpuSeconds: (await server.cpuSeconds()) - before };
  }
  const asked = await autocannon({
    url: `${server.address}${READS[read]}`,
    connections: AT_ONCE.closed,
    duration: seconds,
    // Every request is another client's, in turn: limits hold.
    requests: [
      {
        setupRequest: (request) => {
          client = (client + 1) % tokens.length;
          return { ...request, headers: { ...request.headers, authorization: `Bearer ${tokens[client]!}` } };
        },
      },
    ],
  });
  const cpuSeconds = (await server.cpuSeconds()) - before;
  if (asked.non2xx + asked.errors > 0) {
    throw new Error(`${server.name}, ${read}: ${asked.non2xx} refused, ${asked.errors} not answered`);
  }
  return { answers: asked['2xx'], seconds: asked.duration, cpuSeconds, p99Ms: asked.latency.p99 };
}

const perCpuSecond = ({ answers, cpuSeconds }: Ran): number => answers / cpuSeconds;

/** Medians of the rounds. */
function resultOf(server: ServerProcess, read: Read, rounds: readonly Ran[]): BenchmarkResult {
  const rate = medianOf(rounds.map(perCpuSecond));
  const wallRate = medianOf(rounds.map(({ answers, seconds }) => answers / seconds));
  const p99Ms = medianOf(rounds.map((ran) => ran.p99Ms));
  return {
    name: `api ${read}, ${server.name}`,
    work: `GET ${READS[read]}`,
    seconds: 1 / rate,
    runs: rounds.length,
    rate,
    unit: 'answers/s of processor',
    checks: { answers: rounds.reduce((sum, { answers }) => sum + answers, 0), wallRate, p99Ms },
  };
}
