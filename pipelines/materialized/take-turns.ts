/**
 * Does `work` for each item, `lanes` at a time, each told the number of its lane. A failure begins no other; the first
 * is thrown when all have ended.
 */
export async function takeTurns<T>(
  items: Iterable<T>,
  lanes: number,
  work: (item: T, lane: number) => Promise<void>,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  let failed = false;
  const turns = Array.from({ length: lanes }, async (_, lane) => {
    for (let next = waiting.next(); !failed && next.done !== true; next = waiting.next()) {
      await work(next.value, lane).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  });
  for (const outcome of await Promise.allSettled(turns)) if (outcome.status === 'rejected') throw outcome.reason;
}
