import type { Socket } from 'node:net';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';

export interface CopyReading extends AsyncIterable<Buffer> {
  /** Known at the end. */
  readonly rowCount: number;
}

/**
 * The bytes of a `COPY ... TO STDOUT`. A reader that gives up before the end drops the connection: the server has more
 * to send, and whatever was asked next, ROLLBACK too, would wait for ever behind it.
 */
export function readCopy(client: pg.ClientBase, statement: string): CopyReading {
  const stream = client.query(copyTo(statement));
  // A failure is thrown where the stream is read; one that comes after its end concerns nobody.
  stream.on('error', () => undefined);
  return {
    get rowCount(): number {
      return stream.rowCount;
    },
    async *[Symbol.asyncIterator]() {
      let over = false;
      try {
        for await (const piece of failing(stream, () => (over = true))) yield piece;
        over = true;
      } finally {
        if (!over) socketOf(client).destroy(new Error('A reader gave up before the end of a COPY.'));
      }
    },
  };
}

/** What `stream` yields; `onFailure` hears of a failure of its own. */
async function* failing(stream: AsyncIterable<unknown>, onFailure: () => void): AsyncGenerator<Buffer> {
  const pieces = stream[Symbol.asyncIterator]();
  for (;;) {
    const next = await pieces.next().catch((error: unknown) => {
      onFailure();
      throw error;
    });
    if (next.done === true) return;
    yield next.value as Buffer;
  }
}

/** What pg has and its types leave out. */
function socketOf(client: pg.ClientBase): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}
