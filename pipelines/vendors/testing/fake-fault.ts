import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Everything that a server can do to its clients. */
export type FakeFault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  /** Headers and half of the body, then nothing more. */
  | { readonly kind: 'stalled' }
  /** No answer at all; the connection stays open. */
  | { readonly kind: 'silent' }
  /** One byte every few milliseconds, for ever. */
  | { readonly kind: 'dripping' }
  /** Closed in the middle of the body. */
  | { readonly kind: 'truncated' }
  /** Closed before any answer. */
  | { readonly kind: 'closed' }
  /** Half of the JSON in a whole HTTP answer. */
  | { readonly kind: 'half-json' }
  | { readonly kind: 'not-json' }
  | { readonly kind: PageFault };

/** Faults of what an answer says, made by the vendor's own stand-in. */
export const PAGE_FAULTS = [
  /** Fields are missing or of another type. */
  'wrong-shape',
  /** The page before once more in place of this one; the next page goes on as if nothing had happened. */
  'repeated-page',
  /** The next page is this one. */
  'circle',
  /** Two pages in each other's place. */
  'swapped-pages',
  /** The bars of this page in descending order. */
  'descending',
  /** The last bar of the page before comes first. */
  'overlapping',
  /** No bars, though there are some, and no next page. */
  'empty',
  'other-symbol',
  'other-range',
] as const;
export type PageFault = (typeof PAGE_FAULTS)[number];

/** Answers that break off, never come or are no JSON, with what a vendor's adapter must call each. */
export const BROKEN_ANSWERS = [
  ['closed', 'unavailable'],
  ['truncated', 'unavailable'],
  ['half-json', 'malformed'],
  ['not-json', 'malformed'],
  ['silent', 'timed-out'],
  ['stalled', 'timed-out'],
  ['dripping', 'timed-out'],
] as const;

/** The fault inside the answer; undefined where the fault is one of the connection. */
export function pageFaultOf(fault: FakeFault | undefined): PageFault | undefined {
  return PAGE_FAULTS.find((kind) => kind === fault?.kind);
}

const DRIP_EVERY_MS = 5;

/** Sends `body` the way `fault` says; honestly where it is undefined or a fault of what the body says. */
export function sendWithFault(response: ServerResponse, body: string, fault: FakeFault | undefined): void {
  const type = { 'content-type': 'application/json' };
  const half = body.slice(0, Math.floor(body.length / 2));
  switch (fault?.kind) {
    case 'status': {
      const headers = fault.retryAfter === undefined ? type : { ...type, 'retry-after': fault.retryAfter };
      response.writeHead(fault.status, headers).end(JSON.stringify({ message: `fake ${fault.status}` }));
      return;
    }
    case 'silent':
      return;
    case 'closed':
      (response.socket as Socket).destroy();
      return;
    case 'stalled':
      response.writeHead(200, { ...type, 'content-length': body.length }).write(half);
      return;
    case 'truncated':
      response.writeHead(200, { ...type, 'content-length': body.length });
      response.write(half, () => (response.socket as Socket | null)?.destroy());
      return;
    case 'dripping':
      drip(response);
      return;
    case 'half-json':
      response.writeHead(200, type).end(half);
      return;
    case 'not-json':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>upstream</body></html>');
      return;
    case 'wrong-shape':
    case 'repeated-page':
    case 'circle':
    case 'swapped-pages':
    case 'descending':
    case 'overlapping':
    case 'empty':
    case 'other-symbol':
    case 'other-range':
    case undefined:
      response.writeHead(200, type).end(body);
  }
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), DRIP_EVERY_MS);
  response.once('close', () => clearInterval(timer));
}
