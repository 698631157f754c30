import type { StreamConnection } from '../feeds/stream-connection.ts';
import type { DepthChange, DepthSnapshot } from './book-replica.ts';

interface DepthListener {
  readonly onChange: (change: DepthChange) => void;
  /** A message is not what the venue's protocol says: a change may be missing. */
  readonly onInvalid: (reason: string) => void;
  /** Called once, after `connect` has resolved, when the connection ended by itself. */
  readonly onClose: (reason: string) => void;
  readonly signal: AbortSignal;
}

/** Where the book of one symbol comes from. */
export interface DepthSource {
  /** Resolves when the venue has acknowledged that it tells of changes. @throws VendorError */
  connect(listener: DepthListener): Promise<StreamConnection>;
  /** @throws VendorError */
  snapshot(signal: AbortSignal): Promise<DepthSnapshot>;
}
