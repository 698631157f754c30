import type { BarColumns } from '../../features/bar.ts';
import { alreadyAdjustedBars } from './already-adjusted-bars.ts';
import { FindingList } from './finding-list.ts';
import { gaps } from './gaps.ts';
import { impossiblePrices } from './impossible-prices.ts';
import { notANumber } from './not-a-number.ts';
import type { Finding, QualityCheckDefinition, QualityContext, Severity } from './quality-check.ts';
import { splitSizedJumps } from './split-sized-jumps.ts';
import { staleRuns } from './stale-runs.ts';
import { timeOrder } from './time-order.ts';
import { wrongSession } from './wrong-session.ts';
import { zeroVolume } from './zero-volume.ts';

/** Every check that bars go through. */
export const QUALITY_CHECKS: readonly QualityCheckDefinition[] = [
  timeOrder,
  notANumber,
  impossiblePrices,
  gaps,
  wrongSession,
  alreadyAdjustedBars,
  splitSizedJumps,
  staleRuns,
  zeroVolume,
];

export interface QualityFindings {
  readonly bars: number;
  readonly counts: Readonly<Record<Severity, number>>;
  /** In order of time; where a check has more than `KEPT_PER_CHECK`, the rest is one finding. */
  readonly findings: readonly Finding[];
}

export interface InspectorOptions {
  readonly checks: readonly QualityCheckDefinition[];
  /** Where findings go: what it holds already is part of the report. */
  readonly found: FindingList;
}

/** Puts the bars of one series through all checks, piece by piece. */
export class QualityInspector {
  readonly #checks;
  readonly #found: FindingList;
  #bars = 0;

  /** `checks` are all there are, and `found` is empty, unless somebody else has asked some of the questions. */
  constructor(
    context: QualityContext,
    { checks = QUALITY_CHECKS, found = new FindingList() }: Partial<InspectorOptions> = {},
  ) {
    this.#found = found;
    this.#checks = checks.map(({ name, create }) =>
      create(context, (finding) => this.#found.add({ check: name, ...finding })),
    );
  }

  /** Takes the next piece of the series. */
  inspect(bars: BarColumns): void {
    for (const check of this.#checks) check.inspect(bars);
    this.#bars += bars.length;
  }

  /** After the last piece: everything that was found. */
  finish(): QualityFindings {
    for (const check of this.#checks) check.finish();
    return { bars: this.#bars, counts: this.#found.counts, findings: this.#found.finish() };
  }
}
