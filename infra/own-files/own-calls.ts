import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { setTimeout } from 'node:timers/promises';
import {
  ANSWERED,
  ASKED,
  AT_BAR,
  PROGRESS,
  BAR_NUMBERS,
  CLOSE_TIME,
  CONTROL_LENGTH,
  type OwnCallAnswer,
  type OwnCallRequest,
  type OwnCallThreadData,
} from './own-call-request.ts';
import type { CompiledOwnFile } from './own-file.ts';
import { SilentCodeError } from './silent-code-error.ts';

/** Own code may not take the memory of whoever asks. */
const HEAP_MB = 1_024;
/** A thread starts in a second from source; more on a busy machine. */
const START_MS_MAX = 60_000;

const POLL_MS = 5;

/** Longest that one answer of a user's code may take. */
const ANSWER_MS_MAX = 10_000;
/** Longest that long work may go on without a sign of progress. */
const STILL_MS_MAX = 600_000;

/** What a user's code answered; `threw` says where and why it did not. */
export type OwnAnswer = OwnCallAnswer;

/** The thread of one file. */
class OwnThread {
  #started = false;
  readonly #compiled: CompiledOwnFile;
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL_LENGTH * Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #ended: () => void;

  /** @param ended told where the thread is ended */
  constructor(compiled: CompiledOwnFile, ended: () => void) {
    this.#compiled = compiled;
    this.#ended = ended;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = startThread({ control: this.#control, port: port2, compiled });
    port1.unref();
  }

  /** @throws SilentCodeError where no answer comes in time; the thread is ended then. */
  ask(request: OwnCallRequest, deadlineMs: number): OwnCallAnswer {
    if (!this.#started) this.#wait(START_MS_MAX);
    this.#started = true;
    this.#port.postMessage(request);
    Atomics.store(this.#control, ASKED, 1);
    Atomics.notify(this.#control, ASKED);
    this.#wait(deadlineMs, request);
    return (receiveMessageOnPort(this.#port) as { message: OwnCallAnswer }).message;
  }

  /**
   * The same without holding up the thread that asks: for work that takes long, and may be aborted. It is ended where
   * it gives no sign of progress for `stillMs`.
   */
  async askSlowly(request: OwnCallRequest, stillMs: number, signal?: AbortSignal): Promise<OwnCallAnswer> {
    if (!this.#started) this.#wait(START_MS_MAX);
    this.#started = true;
    this.#port.postMessage(request);
    Atomics.store(this.#control, ASKED, 1);
    Atomics.notify(this.#control, ASKED);
    let [signs, untilMs] = [Atomics.load(this.#control, PROGRESS), performance.now() + stillMs];
    while (Atomics.exchange(this.#control, ANSWERED, 0) === 0) {
      if (signal?.aborted === true) {
        this.end();
        throw signal.reason;
      }
      const given = Atomics.load(this.#control, PROGRESS);
      if (given !== signs) [signs, untilMs] = [given, performance.now() + stillMs];
      else if (performance.now() > untilMs) throw this.#still(stillMs, request);
      await setTimeout(POLL_MS);
    }
    return (receiveMessageOnPort(this.#port) as { message: OwnCallAnswer }).message;
  }

  end(): void {
    this.#ended();
    this.#port.close();
    void this.#worker.terminate();
  }

  #still(stillMs: number, request: OwnCallRequest): SilentCodeError {
    const { path } = this.#compiled;
    this.end();
    const what = `${path}: ${placeIn(request, 0)} gave no sign of progress for ${stillMs / 60_000} minutes`;
    return new SilentCodeError(`${what}: its thread was ended.`, {
      remedy: `Look for a loop without an end in ${path}; call progress() now and then, or give it more fitMinutes.`,
      waitedMs: stillMs,
    });
  }

  /** @param request what is waited for; absent where it is the thread's start */
  #wait(waitMs: number, request?: OwnCallRequest): void {
    while (Atomics.exchange(this.#control, ANSWERED, 0) === 0) {
      if (Atomics.wait(this.#control, ANSWERED, 0, waitMs) === 'timed-out') throw this.#silent(waitMs, request);
    }
  }

  #silent(waitedMs: number, request: OwnCallRequest | undefined): SilentCodeError {
    const place = request === undefined ? null : placeIn(request, Atomics.load(this.#control, AT_BAR));
    this.end();
    return silentAt(this.#compiled, place, waitedMs);
  }
}

function silentAt({ path }: CompiledOwnFile, place: string | null, waitedMs: number): SilentCodeError {
  const what = place === null ? path : `${path}: ${place}`;
  return new SilentCodeError(`${what} did not answer within ${waitedMs / 1_000} s: its thread was ended.`, {
    remedy: `Look for a loop without an end in ${path}.`,
    waitedMs,
  });
}

/** What the code was asked; of a column, the bar that it has reached. */
function placeIn(request: OwnCallRequest, bar: number): string {
  if (request.op === 'call') return request.method;
  const closeMs = request.numbers[bar * BAR_NUMBERS + CLOSE_TIME];
  return closeMs === undefined ? 'value' : `value at the bar that closed at ${new Date(closeMs).toISOString()}`;
}

/** One thread for each file, whoever asks: a process has few files and many sessions. */
const threads = new Map<string, OwnThread>();
/** Those that wait for the next long work of their file. */
const idle = new Map<string, OwnThread>();
let users = 0;

const keyOf = ({ path, hash }: CompiledOwnFile): string => `${path} ${hash}`;

/**
 * A user's code in a thread of its own, asked one question after another by whoever waits for the answer. It has copies
 * of what it is given and nothing else. It keeps nothing from call to call: its module may be evaluated anew.
 */
export class OwnCalls {
  readonly compiled: CompiledOwnFile;
  readonly #user = ++users;
  readonly #deadlineMs: number;

  constructor(compiled: CompiledOwnFile, deadlineMs = ANSWER_MS_MAX) {
    this.compiled = compiled;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * What the method of the default export answers. `{ randomFrom: seed }` becomes a function of random numbers, and
   * `{ progress: true }` one that says that the work goes on.
   */
  call(method: string, ...args: readonly unknown[]): OwnAnswer {
    return this.#ask({ op: 'call', user: this.#user, method, args });
  }

  /** What is on record of a method that did not answer: it is not asked again. */
  silence(method: string, waitedMs: number): SilentCodeError {
    return silentAt(this.compiled, method, waitedMs);
  }

  /** The same for work that takes long, in a thread that nobody else asks meanwhile. */
  async callSlowly(
    method: string,
    args: readonly unknown[],
    {
      stillMs = STILL_MS_MAX,
      signal,
    }: { readonly stillMs?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<OwnAnswer> {
    const key = keyOf(this.compiled);
    const thread = idle.get(key) ?? new OwnThread(this.compiled, () => undefined);
    idle.delete(key);
    const answer = await thread.askSlowly({ op: 'call', user: this.#user, method, args }, stillMs, signal);
    if (idle.has(key)) thread.end();
    else idle.set(key, thread);
    return answer;
  }

  /** A feature's values at the bars from `from` on; `numbers` holds BAR_NUMBERS a bar. */
  column(asked: Omit<OwnCallRequest & { op: 'column' }, 'op' | 'user'>): OwnAnswer {
    return this.#ask({ op: 'column', user: this.#user, ...asked });
  }

  #ask(request: OwnCallRequest): OwnAnswer {
    const key = keyOf(this.compiled);
    const thread = threads.get(key) ?? new OwnThread(this.compiled, () => threads.delete(key));
    threads.set(key, thread);
    return thread.ask(request, this.#deadlineMs);
  }
}

function startThread(data: OwnCallThreadData): Worker {
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = fromSource ? '../threads/thread-from-source.mjs' : './own-call-thread.js';
  const module = new URL('./own-call-thread.ts', import.meta.url).href;
  const worker = new Worker(new URL(entry, import.meta.url), {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    transferList: [data.port],
    workerData: { ...data, module },
  });
  worker.unref();
  // A thread that breaks down does not answer, which is noticed where it is waited for.
  worker.on('error', () => undefined);
  return worker;
}
