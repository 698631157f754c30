import type { Random } from '../../../infra/random.ts';

/**
 * What goes wrong with one request. `before`: nothing of it is done; `after`: it is done, and its answer is lost.
 */
export type RequestFault =
  | { readonly kind: 'status'; readonly status: number; readonly message: string; readonly retryAfter?: string }
  | { readonly kind: 'hang' | 'reset'; readonly when: 'before' | 'after' }
  | { readonly kind: 'garbled' | 'truncated' }
  /** It is done and answered as it is to be, after so many ms. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** It is done, and another answer is given in place of the right one. */
  | {
      readonly kind: 'altered';
      readonly by: (body: string) => string;
      readonly status?: number;
      readonly retryAfter?: string;
    };

/** What goes wrong with one message of the stream. `hold`: it is told after the next that is not, the last first. */
export type StreamFault = 'skip' | 'repeat' | 'reorder' | 'hold' | 'drop' | 'mute' | 'malformed';

/** What goes wrong, asked at each request and each message. */
export interface FaultScript {
  request(method: string, path: string): RequestFault | null;
  message(event: string): StreamFault | null;
}

export const NO_FAULTS: FaultScript = { request: () => null, message: () => null };

/** Which requests a fault is for. */
interface FaultyRequests {
  readonly method: string;
  /** Which paths; all by default. */
  readonly at?: (path: string) => boolean;
  /** How many of them, from now on; one by default. */
  readonly count?: number;
}

/** The next requests of a kind go wrong, and nothing else. */
export function failing({ method, at = () => true, count = 1 }: FaultyRequests, fault: RequestFault): FaultScript {
  let left = count;
  return {
    ...NO_FAULTS,
    request: (asked, path) => {
      if (left === 0 || asked !== method || !at(path)) return null;
      left -= 1;
      return fault;
    },
  };
}

/** An answer of that status. */
export function statusFault(status: number, message = 'no', retryAfter?: string): RequestFault {
  return { kind: 'status', status, message, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

const REQUESTS: readonly RequestFault[] = [
  { kind: 'status', status: 429, message: 'rate limit exceeded', retryAfter: '0' },
  { kind: 'status', status: 500, message: 'internal server error' },
  { kind: 'status', status: 503, message: 'service unavailable' },
  { kind: 'reset', when: 'before' },
  { kind: 'reset', when: 'after' },
  { kind: 'hang', when: 'before' },
  { kind: 'hang', when: 'after' },
  { kind: 'garbled' },
  { kind: 'truncated' },
];
const MESSAGES: readonly StreamFault[] = ['skip', 'repeat', 'reorder', 'drop', 'mute', 'malformed'];

/** Faults drawn from `random`: each request fails with probability `requests`, each message with `messages`. */
export function seededFaults(
  random: Random,
  { requests, messages }: { readonly requests: number; readonly messages: number },
): FaultScript {
  const draw = <T>(from: readonly T[], share: number): T | null =>
    random.next() < share ? from[random.integer(from.length)]! : null;
  return { request: () => draw(REQUESTS, requests), message: () => draw(MESSAGES, messages) };
}
