import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { GrowingColumns } from '../../growing-columns.ts';
import { BarView } from '../../bar-view.ts';
import type { Json } from '../memory.ts';
import { HOLD } from '../strategy.ts';
import { codeOfFile } from './own-code.ts';
import { OwnSession } from './own-runtime.ts';
import { ANSWERED, ASKED, BAR_NUMBERS, type OwnRequest, type ThreadData } from './own-request.ts';

// The thread of a user's strategy: it sleeps until it is asked, answers, and sleeps again. Whoever asks sleeps
// meanwhile, so that a session is as synchronous as with any other strategy.

const { control, port, compiled, parameters, symbols } = workerData as ThreadData;

const columns = symbols.map((symbol) => new GrowingColumns(symbol));
const series = columns.map((column) => ({ bars: column.columns, last: -1 }));
const views = series.map((one) => new BarView(one));

function append(at: number, numbers: Float64Array): void {
  for (let from = 0; from < numbers.length; from += BAR_NUMBERS) {
    const [openTimeMs, closeTimeMs, open, high, low, close, volume] = numbers.subarray(from, from + BAR_NUMBERS);
    const bar = { openTimeMs: openTimeMs!, closeTimeMs: closeTimeMs!, open: open!, high: high!, low: low! };
    columns[at]!.append({ ...bar, close: close!, volume: volume! });
    series[at]!.bars = columns[at]!.columns;
    series[at]!.last += 1;
  }
}

function restored(session: OwnSession, state: Json): { readonly threw: string | null } {
  try {
    session.restore(state);
    return { threw: null };
  } catch (error) {
    return { threw: (error as Error).message };
  }
}

/** The answer to a request; undefined stands for HOLD, which most answers are. */
function answer(session: OwnSession, request: OwnRequest): unknown {
  for (const { at, numbers } of request.bars) append(at, numbers);
  for (const { at, fill } of request.fills) session.symbols[at]!.onFill?.(fill);
  switch (request.kind) {
    case 'decide': {
      const signal = session.symbols[request.at]!.decide(views[request.at]!);
      return signal === HOLD ? undefined : signal;
    }
    case 'orders':
      return session.symbols[request.at]!.orders!(views[request.at]!, request.book!);
    case 'notes':
      return session.notes();
    case 'save':
      return { saved: session.save() };
    case 'restore':
      return restored(session, request.state!);
  }
}

function reply(message: unknown): void {
  if (message !== undefined) port.postMessage(message);
  Atomics.store(control, ANSWERED, message === undefined ? 1 : 2);
  Atomics.notify(control, ANSWERED);
}

function serve(session: OwnSession): void {
  for (;;) {
    Atomics.wait(control, ASKED, 0);
    if (Atomics.exchange(control, ASKED, 0) === 0) continue;
    const received = receiveMessageOnPort(port) as { message: OwnRequest };
    reply(answer(session, received.message));
  }
}

let session: OwnSession | null = null;
try {
  session = new OwnSession(codeOfFile(compiled), parameters, views);
} catch (error) {
  const { message, remedy = '' } = error as Error & { remedy?: string };
  reply({ refused: { message, remedy } });
}
if (session !== null) {
  reply({ places: session.symbols.map(({ orders }) => orders !== undefined) });
  serve(session);
}
