import type { BarPage, StampRange, VendorBar } from './bar-page.ts';
import { believedPage } from './believed-page.ts';
import type { VendorEndpoint } from '../http/http-failure.ts';
import { VendorError } from '../vendor-error.ts';

/** More pages than any window has: Binance gives 1,000 bars at a time, windows hold 20,000. */
const PAGES_MAX = 200;

export interface CollectOptions {
  readonly where: VendorEndpoint;
  /** What was asked for; a stamp outside it by more than `slackMs` belongs to another request. */
  readonly range: StampRange;
  readonly slackMs: number;
  /** Whether a page looks as if bars were missing from it; by default where it is empty. */
  readonly doubtful?: ((page: BarPage, cursor: string | undefined) => boolean) | undefined;
}

/**
 * All pages of one request, ascending. Pages may come in any order; a page that was seen before, pages that overlap,
 * cursors that go round in circles and bars from outside the range mean that others are missing, so that nothing of the
 * answer is taken: VendorError `malformed`. A doubtful page is believed when it is given twice.
 */
export async function collectPages(
  fetchPage: (cursor: string | undefined) => Promise<BarPage>,
  options: CollectOptions,
): Promise<VendorBar[]> {
  const { where, doubtful = isEmpty } = options;
  const bars: VendorBar[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await believedPage(() => fetchPage(cursor), {
      where,
      doubtful: (one) => doubtful(one, cursor),
      same: samePage,
    });
    for (const bar of page.bars) bars.push(bar);
    if (page.next !== undefined && (cursors.has(page.next) || cursors.size >= PAGES_MAX)) {
      throw new VendorError({ ...where, kind: 'malformed', detail: `pages go round in circles after ${cursors.size}` });
    }
    cursor = page.next;
    if (cursor !== undefined) cursors.add(cursor);
  } while (cursor !== undefined);
  return inOrder(bars, options);
}

function samePage(a: BarPage, b: BarPage): boolean {
  const same = (bar: VendorBar, i: number): boolean => bar.timeMs === b.bars[i]!.timeMs;
  return a.next === b.next && a.bars.length === b.bars.length && a.bars.every(same);
}

function isEmpty(page: BarPage): boolean {
  return page.bars.length === 0;
}

function inOrder(bars: VendorBar[], { where, range, slackMs }: CollectOptions): VendorBar[] {
  if (bars.some((bar, i) => i > 0 && bar.timeMs < bars[i - 1]!.timeMs)) bars.sort((a, b) => a.timeMs - b.timeMs);
  const twice = bars.find((bar, i) => i > 0 && bar.timeMs === bars[i - 1]!.timeMs);
  if (twice !== undefined) {
    const detail = `two bars at ${new Date(twice.timeMs).toISOString()}: a page was given twice`;
    throw new VendorError({ ...where, kind: 'malformed', detail });
  }
  const outside = bars.find(({ timeMs }) => timeMs < range.fromMs - slackMs || timeMs >= range.toMs + slackMs);
  if (outside !== undefined) {
    const detail = `a bar at ${new Date(outside.timeMs).toISOString()}, outside the range asked for`;
    throw new VendorError({ ...where, kind: 'malformed', detail });
  }
  return bars;
}
