import { MessageChannel } from 'node:worker_threads';

/**
 * Gives the memory of buffers back at once; views of them are empty from then on. The collector would free them when
 * this thread next needs memory, which one that waits for others does not. They are sent to a port that nobody reads
 * and that is closed.
 */
export function releaseMemory(buffers: Iterable<ArrayBufferLike>): void {
  const own = [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(null, own);
  port1.close();
  port2.close();
}
