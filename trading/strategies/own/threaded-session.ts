import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { InputError } from '../../../infra/errors.ts';
import { SilentCodeError } from '../../../infra/own-files/silent-code-error.ts';
import type { BarView } from '../../bar-view.ts';
import { fromPlain, toPlain, type Plain } from '../../plain-values.ts';
import { refused, type RefusedOrder } from '../../orders/approved-order.ts';
import type { OrderAction } from '../../orders/order-request.ts';
import { HOLD, type OrderBook, type Signal, type StrategySession, type SymbolStrategy } from '../strategy.ts';
import type { CompiledOwnFile } from '../../../infra/own-files/own-file.ts';
import type { Json } from '../memory.ts';
import { faultSignal } from './own-answer.ts';
import { ANSWERED, ASKED, BAR_NUMBERS, CONTROL_LENGTH, type OwnRequest, type ThreadData } from './own-request.ts';
import type { ParameterValue } from '../../../infra/own-files/own-file.ts';
import type { Silence } from './silence.ts';
import { waitFor } from './wait-for.ts';

/** Own code may not take the memory of the session. */
const HEAP_MB = 1_024;
/** A thread starts in a second from source; more on a busy machine. */
const START_MS_MAX = 60_000;

/** One symbol's bars, as floats in the order of a request. */
function numbersSince(view: BarView, known: number): Float64Array {
  const bars = view.length - known;
  const numbers = new Float64Array(bars * BAR_NUMBERS);
  for (let bar = 0, at = 0; bar < bars; bar++) {
    const ago = bars - 1 - bar;
    numbers[at++] = view.openTimeMs(ago);
    numbers[at++] = view.closeTimeMs(ago);
    numbers[at++] = view.open(ago);
    numbers[at++] = view.high(ago);
    numbers[at++] = view.low(ago);
    numbers[at++] = view.close(ago);
    numbers[at++] = view.volume(ago);
  }
  return numbers;
}

/** The first answer: a mistake in making the strategy, or whether it places orders, by symbol. */
type Began = { readonly refused: { message: string; remedy: string } } | { readonly places: readonly boolean[] };

/** A fill of the symbol at that place. */
type HeardOf = OwnRequest['fills'][number];

export interface ThreadedOptions {
  readonly compiled: CompiledOwnFile;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** Longest that one decision may take. */
  readonly deadlineMs: number;
}

/** What is saved: with the fills that the thread has yet to hear of, and how often it was asked. */
interface SavedThread {
  readonly own: Json;
  readonly fills: Json;
  readonly asked: number;
  readonly silence: Silence | null;
}

/**
 * A user's strategy in a thread of its own. Whoever asks waits for the answer, at most `deadlineMs`: then the thread is
 * ended, the signal is refused as `strategy-silent`, and nothing more is decided. Which question that was is counted,
 * so that a session that repeats its record does not ask it again. The thread has copies of closed bars and nothing
 * else: whatever it does reaches no account and no order.
 * @throws InputError with the place where making the strategy throws.
 */
export class ThreadedSession implements StrategySession {
  readonly symbols: readonly SymbolStrategy[];
  readonly #options: ThreadedOptions;
  readonly #views: readonly BarView[];
  /** Bars of each symbol that the thread has. */
  readonly #known: number[];
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL_LENGTH * Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  readonly #port: MessagePort;
  #fills: HeardOf[] = [];
  /** Its thread was ended. */
  #failure: SilentCodeError | null = null;
  /** The question whose answer was refused for that. */
  #silence: Silence | null = null;
  /** On record of before a restart. */
  #expected: Silence | null = null;
  /** Decisions and orders that it was asked for. */
  #asked = 0;
  #notes: readonly string[] = [];

  constructor(options: ThreadedOptions, views: readonly BarView[]) {
    this.#options = options;
    this.#views = views;
    this.#known = views.map(() => 0);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = startThread({
      control: this.#control,
      port: port2,
      compiled: options.compiled,
      parameters: options.parameters,
      symbols: views.map(({ symbol }) => symbol),
    });
    port1.unref();
    const began = this.#await(START_MS_MAX) as Began | null;
    if (began !== null && 'refused' in began) {
      this.end();
      throw new InputError(began.refused.message, began.refused.remedy);
    }
    if (began === null) this.#fail(START_MS_MAX);
    this.symbols = views.map((_, at) => ({
      decide: () => this.#decide(at),
      ...(began?.places[at] === true ? { orders: (_view, book) => this.#orders(at, book) } : {}),
      onFill: ({ timeMs, quantity, price, fee, final }) => {
        this.#fills.push({ at, fill: { timeMs, quantity, price, fee, final } });
      },
    }));
  }

  failure(): Error | null {
    return this.#failure;
  }

  silences(): readonly Silence[] {
    return this.#silence === null ? [] : [this.#silence];
  }

  expect(known: readonly Silence[]): void {
    this.#expected = known.find(({ by }) => by === 0) ?? null;
  }

  notes(): readonly string[] {
    if (this.#failure === null) this.#notes = (this.#ask('notes', 0) as string[] | null) ?? this.#notes;
    return this.#failure === null ? this.#notes : [...this.#notes, this.#failure.message];
  }

  /** Being asked changes nothing for the thread. */
  save(): Json | null {
    const told = { asked: this.#asked, silence: this.#silence };
    if (this.#silence !== null) return toPlain({ own: null, fills: [], ...told }) as Json;
    if (this.#failure !== null) return null;
    const answer = this.#ask('save', 0) as { readonly saved: Json | null } | null;
    if (answer === null || answer.saved === null) return null;
    return { own: answer.saved, ...(toPlain({ fills: this.#fills, ...told }) as object) } as Json;
  }

  restore(state: Json): void {
    const { own, fills, asked, silence } = state as unknown as SavedThread;
    if (!Number.isSafeInteger(asked)) throw new TypeError('how often the strategy was asked is missing');
    this.#asked = asked;
    if (silence !== null) return this.#fallSilent(silence);
    const answer = this.#ask('restore', 0, { state: own }) as { readonly threw: string | null } | null;
    if (answer === null) throw new TypeError(this.#failure!.message);
    if (answer.threw !== null) throw new TypeError(answer.threw);
    this.#fills = fromPlain(fills as Plain) as HeardOf[];
  }

  end(): void {
    this.#port.close();
    void this.#worker.terminate();
  }

  #decide(at: number): Signal {
    if (this.#silence !== null) return HOLD;
    const answer = this.#question('decide', at) as Signal | undefined | null;
    if (answer !== null) return answer ?? HOLD;
    const { waitedMs, asked } = this.#silence!;
    return faultSignal('strategy-silent', waitedMs, asked);
  }

  #orders(at: number, book: OrderBook): readonly OrderAction[] | RefusedOrder {
    if (this.#silence !== null) return [];
    const { position, averagePrice, close, cash, equity, timeMs, lateBars, working } = book;
    const own = { position, averagePrice, close, cash, equity, timeMs, lateBars, working };
    const answer = this.#question('orders', at, { book: own });
    if (answer !== null) return answer as readonly OrderAction[] | RefusedOrder;
    const { waitedMs, asked } = this.#silence!;
    return refused('strategy-silent', waitedMs, asked);
  }

  /** What it decides; null where it is silent from here on: it did not answer, or did not before a restart. */
  #question(kind: 'decide' | 'orders', at: number, more: Pick<OwnRequest, 'book'> = {}): unknown {
    this.#asked += 1;
    const isKnown = this.#expected?.asked === this.#asked;
    const answer = isKnown || this.#failure !== null ? null : this.#ask(kind, at, more);
    if (answer === null) {
      const { deadlineMs: waitedMs } = this.#options;
      this.#fallSilent(isKnown ? this.#expected! : { by: 0, asked: this.#asked, waitedMs });
    }
    return answer;
  }

  #fallSilent(silence: Silence): void {
    this.#silence = silence;
    if (this.#failure === null) this.#fail(silence.waitedMs);
  }

  /** Null where no answer came in time: the session has failed then. */
  #ask(kind: OwnRequest['kind'], at: number, more: Pick<OwnRequest, 'book' | 'state'> = {}): unknown {
    const isMemory = kind === 'save' || kind === 'restore';
    const news = isMemory ? { bars: [], fills: [] } : this.#news();
    const request: OwnRequest = { kind, at, ...news, ...more };
    this.#port.postMessage(request);
    Atomics.store(this.#control, ASKED, 1);
    Atomics.notify(this.#control, ASKED);
    const answer = this.#await(this.#options.deadlineMs);
    if (answer === null) this.#fail(this.#options.deadlineMs);
    return answer;
  }

  /** What has happened since the thread was asked last. */
  #news(): Pick<OwnRequest, 'bars' | 'fills'> {
    const bars = this.#views.flatMap((view, symbol) => {
      const known = this.#known[symbol]!;
      if (view.length === known) return [];
      this.#known[symbol] = view.length;
      return [{ at: symbol, numbers: numbersSince(view, known) }];
    });
    const fills = this.#fills;
    this.#fills = [];
    return { bars, fills };
  }

  #await(waitMs: number): unknown {
    const kind = waitFor(this.#control, ANSWERED, waitMs);
    if (kind === 0) return null;
    return kind === 1 ? undefined : (receiveMessageOnPort(this.#port) as { message: unknown }).message;
  }

  #fail(waitedMs: number): void {
    const { name, path } = this.#options.compiled;
    this.#failure = new SilentCodeError(
      `The strategy ${name} did not answer within ${waitedMs / 1_000} s: its thread was ended, nothing more is decided.`,
      { remedy: `Look for a loop without an end in ${path}, or allow more by --deadline SECONDS.`, waitedMs },
    );
    this.end();
  }
}

function startThread(data: ThreadData): Worker {
  const options = {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    transferList: [data.port],
  };
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = fromSource ? '../../../infra/threads/thread-from-source.mjs' : './own-thread.js';
  const module = new URL('./own-thread.ts', import.meta.url).href;
  const worker = new Worker(new URL(entry, import.meta.url), { ...options, workerData: { ...data, module } });
  worker.unref();
  // A thread that breaks down does not answer, which is noticed where it is waited for.
  worker.on('error', () => undefined);
  return worker;
}
