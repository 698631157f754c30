import { parentPort, type Transferable } from 'node:worker_threads';
import { InputError } from '../errors.ts';

/** What a guarded thread says. Each item waits until the one before it was taken. */
export type ThreadReply =
  | { readonly ready: true }
  | { readonly item: unknown }
  | { readonly done: true }
  | { readonly failed: { readonly message: string; readonly remedy: string; readonly input: boolean } };

/** What it is told: a request, or that the last item was taken. */
export type ThreadMessage = { readonly request: unknown } | { readonly taken: true };

/** Hands an item over; `transfer` names the buffers that go with it instead of being copied. */
export type SendItem<Item> = (item: Item, transfer: readonly Transferable[]) => Promise<void>;

/**
 * The thread's side of `runGuarded`: answers each request with the items that `work` sends. An error is sent too, so
 * that the thread stays usable. One item may be on its way while the next is made.
 */
export function serveThread<Request, Item>(work: (request: Request, send: SendItem<Item>) => Promise<void>): void {
  const port = parentPort!;
  const post = (reply: ThreadReply, transfer: readonly Transferable[] = []): void => port.postMessage(reply, transfer);
  let taken = Promise.resolve();
  let take = (): void => undefined;
  const send: SendItem<Item> = async (item, transfer) => {
    await taken;
    taken = new Promise((resolve) => (take = resolve));
    post({ item }, transfer);
  };
  const answer = async (request: Request): Promise<void> => {
    taken = Promise.resolve();
    try {
      await work(request, send);
      post({ done: true });
    } catch (error) {
      const { message, remedy = '' } = error as Error & { remedy?: string };
      post({ failed: { message, remedy, input: error instanceof InputError } });
    }
  };
  port.on('message', (message: ThreadMessage) => {
    if ('taken' in message) take();
    else void answer(message.request as Request);
  });
  post({ ready: true });
}
