import type { BenchContext } from './benchmark.ts';
import type { BenchmarkResult } from './benchmark-result.ts';

const SYMBOLS = 50;
const QUOTES = 50;
/** What the feed has to keep up with in one process, and the rate at which its lag is shown. */
const RATE = 10_000;

/**
 * Live feeds: parsing, order and bookkeeping over a loopback socket through each vendor's client, the sending server
 * included.
 */
export async function benchFeed({ now }: Pick<BenchContext, 'now'>): Promise<BenchmarkResult[]> {
  // The stand-ins' servers are no part of what is installed for use.
  const { measureFeedLoad } = await import('../../pipelines/feeds/testing/feed-load.ts');
  const { VENDOR_STREAMS } = await import('../../pipelines/feeds/testing/vendor-streams.ts');
  const results: BenchmarkResult[] = [];
  for (const vendor of VENDOR_STREAMS) {
    for (const perSecond of [Infinity, RATE]) {
      const minutes = perSecond === Infinity ? 40 : 10;
      const load = { symbols: SYMBOLS, quotes: QUOTES, minutes, perSecond, now };
      const { messages, seconds, ...checks } = await measureFeedLoad(vendor, load);
      const { bars, fromStream, sentSum, takenSum } = checks;
      if (bars !== SYMBOLS * minutes || fromStream !== bars || sentSum !== takenSum) {
        throw new Error(`the feed handed out ${bars} of ${SYMBOLS * minutes} bars, sum ${takenSum} of ${sentSum}`);
      }
      const pace = perSecond === Infinity ? 'as fast as it can' : `at ${RATE} messages/s`;
      const name = `feed ${vendor.protocol.vendor} ${pace}`;
      const peaks = `at most ${checks.heldPeak} bars held, lag p99 ${checks.lagP99Ms?.toFixed(1)} ms, ${checks.peakRssMb} MB`;
      const work = `${messages} messages, one a frame, ${SYMBOLS} symbols; ${peaks}`;
      results.push({ name, work, seconds, runs: 1, rate: messages / seconds, unit: 'messages/s', checks });
    }
  }
  return results;
}
