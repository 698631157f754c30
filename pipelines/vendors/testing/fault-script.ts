import type { Random } from '../../../infra/random.ts';
import type { VendorName } from '../vendor.ts';
import { PAGE_FAULTS, type FakeFault } from './fake-fault.ts';

/** Faults by the name under which they are counted. */
const FAULTS: Readonly<Record<string, FakeFault>> = {
  '429': { kind: 'status', status: 429 },
  '429 with Retry-After': { kind: 'status', status: 429, retryAfter: '9' },
  '500': { kind: 'status', status: 500 },
  '503': { kind: 'status', status: 503 },
  ...Object.fromEntries(
    (['closed', 'truncated', 'half-json', 'not-json', 'silent', 'stalled', 'dripping', ...PAGE_FAULTS] as const).map(
      (kind) => [kind, { kind }],
    ),
  ),
};
/** These cost the time of a deadline each: a tenth as often as the others. */
const SLOW = ['silent', 'stalled', 'dripping'];
/** Refusals, which end a fetch: whoever runs it mends the cause and starts again. */
const REFUSALS = [401, 403, 404, 422] as const;

const FAULT_NAMES: readonly string[] = [...Object.keys(FAULTS), ...REFUSALS.map(String)];

/** What nobody can tell from an honest answer when it is given twice to the same question. */
const BELIEVED_TWICE: Readonly<Record<VendorName, readonly string[]>> = {
  alpaca: ['empty'],
  polygon: ['empty'],
  binance: ['empty', 'swapped-pages'],
};

export interface FaultScript {
  /** The fault of the next request. */
  next(path: string): FakeFault | undefined;
  /** How often each fault was made. */
  readonly made: ReadonlyMap<string, number>;
}

/**
 * Faults that end a fetch or make a window worthless, made so often at most: a window of thirty pages that meets one at
 * every third request would never come to an end, whoever fetches it.
 */
const COSTLY: readonly string[] = [
  ...REFUSALS.map(String),
  ...PAGE_FAULTS.filter(
    (kind) => !['descending', 'swapped-pages', 'empty', 'wrong-shape', 'other-symbol'].includes(kind),
  ),
];
const COSTLY_MAX = 12;

/** Draws a fault for `share` of the requests, by name from all there are. */
export function createFaultScript(random: Random, vendor: VendorName, share: number): FaultScript {
  const made = new Map<string, number>();
  const doubted = new Set<string>();
  let costly = 0;
  const draw = (): string => {
    for (;;) {
      const name = FAULT_NAMES[random.integer(FAULT_NAMES.length)]!;
      if (!SLOW.includes(name) || random.next() < 0.1) return name;
    }
  };
  const next = (path: string): FakeFault | undefined => {
    if (random.next() >= share) return undefined;
    const name = draw();
    if (COSTLY.includes(name) && costly++ >= COSTLY_MAX) return undefined;
    if (BELIEVED_TWICE[vendor].includes(name)) {
      if (doubted.has(path)) return undefined;
      doubted.add(path);
    }
    made.set(name, (made.get(name) ?? 0) + 1);
    return FAULTS[name] ?? { kind: 'status', status: Number(name) };
  };
  return { next, made };
}
