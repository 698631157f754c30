import type { IncomingHttpHeaders } from 'node:http';
import type { PageFault } from './fake-fault.ts';
import type { FakeMarket } from './fake-market.ts';

/** What the stand-in takes for right. */
export const FAKE_KEYS = {
  alpacaKeyId: 'fake-key-id',
  alpacaSecret: 'fake-secret',
  polygon: 'fake-polygon-key',
} as const;

export type FakeKeys = Readonly<Record<keyof typeof FAKE_KEYS, string>>;

export interface FakeRequest {
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly market: FakeMarket;
  readonly keys: FakeKeys;
  /** Bars on a page at most, whatever the request allows. */
  readonly pageBars: number;
  /** What the answer gets wrong. */
  readonly fault: PageFault | undefined;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body: unknown;
}
