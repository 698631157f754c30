import type { BarColumns } from '../../../../features/bar.ts';
import { databaseContext } from '../../../../infra/testing/command-context.ts';
import { NAMED_LIMITS } from '../../../../models/experiment/experiment.ts';
import { simulatedBroker } from '../../../../trading/brokers/simulated/simulated-broker.ts';
import { runPaper } from '../../../../trading/sessions/paper-command.ts';
import type { Strategy } from '../../../../trading/strategies/strategy.ts';
import { testInstrument } from '../../../../trading/testing/random-walk-bars.ts';
import type { CausePlace } from './alert-cause.ts';

/** A paper session of 100,000 over bars of the share AAA; it waits for the last of them until its place ends. */
export function runSession(
  { database, endings }: CausePlace,
  {
    id,
    bars,
    strategy,
    units,
  }: { readonly id: string; readonly bars: BarColumns; readonly strategy: Strategy; readonly units: number },
): void {
  const ending = new AbortController();
  const context = databaseContext(database, { signal: ending.signal });
  const options = {
    instruments: [testInstrument('AAA')],
    strategy,
    sizing: { kind: 'units', units } as const,
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker(),
    capital: 100_000,
  };
  const session = { id, kind: 'paper' as const, symbols: ['AAA'], capital: 100_000, definition: {} };
  const running = runPaper(context, { speed: '1', feed: 'replay', session: id }, () =>
    Promise.resolve({ options, bars: [bars], session }),
  );
  // Whoever ends it hears of its failure.
  running.catch(() => undefined);
  endings.push(async () => {
    ending.abort(new Error('the proof is over'));
    // A feed that waits for its next bar ends by the abort itself.
    await running.catch((error: Error) => {
      if (error.name !== 'AbortError') throw error;
    });
  });
}
