import type { BarColumns } from '../../features/bar.ts';
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
  splitSizedJumps,
  staleRuns,
  zeroVolume,
];

/** Findings kept in words per check and series; the rest is only counted. */
const KEPT_PER_CHECK = 200;

export interface QualityFindings {
  readonly bars: number;
  readonly counts: Readonly<Record<Severity, number>>;
  /** In order of time; at most 200 per check. */
  readonly findings: readonly Finding[];
}

/** Puts the bars of one series through all checks, piece by piece. */
export class QualityInspector {
  private readonly checks;
  private readonly findings: Finding[] = [];
  private readonly counts = { info: 0, warning: 0, error: 0 };
  private bars = 0;

  constructor(context: QualityContext) {
    this.checks = QUALITY_CHECKS.map((definition) => {
      let kept = 0;
      return definition.create(context, (finding) => {
        this.counts[finding.severity]++;
        if (kept++ < KEPT_PER_CHECK) this.findings.push({ check: definition.name, ...finding });
      });
    });
  }

  /** Takes the next piece of the series. */
  inspect(bars: BarColumns): void {
    for (const check of this.checks) check.inspect(bars);
    this.bars += bars.length;
  }

  /** After the last piece: everything that was found. */
  finish(): QualityFindings {
    for (const check of this.checks) check.finish();
    this.findings.sort((a, b) => a.openTimeMs - b.openTimeMs);
    return { bars: this.bars, counts: this.counts, findings: this.findings };
  }
}
