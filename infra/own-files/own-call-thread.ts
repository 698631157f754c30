import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { createRandom } from '../random.ts';
import { atPlace, evaluateOwnFile, messageOf } from './evaluate-own-file.ts';
import {
  ANSWERED,
  ASKED,
  AT_BAR,
  PROGRESS,
  type OwnCallAnswer,
  type OwnCallRequest,
  type OwnCallThreadData,
} from './own-call-request.ts';
import { ownColumn } from './own-window.ts';

// The thread of a user's file that answers questions: it sleeps until it is asked, answers, and sleeps again.

const { control, port, compiled } = workerData as OwnCallThreadData;

type Methods = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** Modules by who uses them, the last used last. A file keeps nothing from call to call, so an old one may go. */
const modules = new Map<number, Methods>();
const MODULES_MAX = 16;

function moduleOf(user: number): Methods {
  const known = modules.get(user) ?? (evaluateOwnFile(compiled) as Methods);
  modules.delete(user);
  modules.set(user, known);
  if (modules.size > MODULES_MAX) modules.delete(modules.keys().next().value!);
  return known;
}

function answer(request: OwnCallRequest): OwnCallAnswer {
  try {
    const own = moduleOf(request.user);
    if (request.op === 'call') {
      const args = request.args.map((one) => seeded(one));
      return { value: own[request.method]!(...args) };
    }
    const { parameters } = request;
    const atBar = (bar: number): void => void Atomics.store(control, AT_BAR, bar);
    return { value: ownColumn(compiled, (view) => own['value']!(view, parameters), request, atBar) };
  } catch (error) {
    const place = atPlace(compiled, error);
    const words = messageOf(error);
    return { threw: words.startsWith(compiled.path) ? words : `${place}: ${words}` };
  }
}

/** A seed stands for the numbers that follow from it, and a word for a sign of progress: functions cannot be sent. */
function seeded(argument: unknown): unknown {
  const { randomFrom: seed, progress } = (argument ?? {}) as { randomFrom?: unknown; progress?: unknown };
  if (progress === true) return () => void Atomics.add(control, PROGRESS, 1);
  if (typeof seed !== 'string') return argument;
  const random = createRandom(seed);
  return () => random.next();
}

function reply(message: OwnCallAnswer): void {
  try {
    port.postMessage(message);
  } catch {
    // What cannot be copied to another thread is no plain data.
    port.postMessage({ threw: `${compiled.path}: the answer is no plain data` });
  }
  wake();
}

/** Whoever waits for an answer goes on, or, the first time, for this thread to be there. */
function wake(): void {
  Atomics.store(control, ANSWERED, 1);
  Atomics.notify(control, ANSWERED);
}

wake();

for (;;) {
  Atomics.wait(control, ASKED, 0);
  if (Atomics.exchange(control, ASKED, 0) === 0) continue;
  const received = receiveMessageOnPort(port) as { message: OwnCallRequest };
  reply(answer(received.message));
}
