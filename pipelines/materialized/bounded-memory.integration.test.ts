import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { SOURCE_ARGUMENTS } from '../../infra/testing/source-arguments.ts';

/** Heap given to the child: enough for the modules and one block, far too little for a million rows as objects. */
const HEAP_MB = 96;
const BARS = 1_000_000;

/** Ingests and materialises in a process whose heap is bounded, and gives the rows and the peak of its typed arrays. */
async function runBounded(url: string, bars: number): Promise<{ rows: number; arrayMb: number }> {
  const script = `
    import { connect } from './infra/postgres/database.ts';
    import { ingest } from './pipelines/ingest/ingest.ts';
    import { materialize } from './pipelines/materialized/materialize.ts';
    import { parseFeatureSet } from './features/feature-set.ts';
    const database = await connect(${JSON.stringify(url)}, { migrate: false }, null);
    const data = { source: 'simulated', timeframe: '1m', calendar: 'us-equities', adjust: 'raw', maxQualityErrors: 0,
      simulated: { symbols: 1, bars: ${bars}, seed: 1 } };
    let arrayBytes = 0;
    const watch = setInterval(() => { arrayBytes = Math.max(arrayBytes, process.memoryUsage().arrayBuffers); }, 20);
    const report = await ingest(database, { data, universe: 'SIM001' });
    const set = parseFeatureSet(['return(1)', 'rsi(14)', 'ema(20)'], { timeframe: '1m', symbols: ['SIM001'] });
    const { rows } = await materialize(database, { set, series: report.series, range: report.range });
    clearInterval(watch);
    await database.close();
    process.stdout.write(JSON.stringify({ rows, arrayMb: arrayBytes / 2 ** 20 }));`;
  const args = [`--max-old-space-size=${HEAP_MB}`, ...SOURCE_ARGUMENTS, '--input-type=module', '--eval', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(0);
  return JSON.parse(output) as { rows: number; arrayMb: number };
}

describe('memory', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('does not grow with the number of bars, from the source to the feature rows', async () => {
    const { rows, arrayMb } = await runBounded(database.url, BARS);
    expect(rows).toBe(BARS);
    // Typed arrays lie outside the heap that Node bounds: a million bars alone would be 53 MB, their features 23 MB
    // more.
    expect(arrayMb).toBeLessThan(64);
  });
});
