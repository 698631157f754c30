import type { Finding, Severity } from './quality-check.ts';

/**
 * Findings kept in words per check of a series: 17 % of three decades of days missing one by one are 1,353. What comes
 * after is one finding with its count and range, so that memory does not grow with a series that is bad throughout: at
 * most about 2 MB a check.
 */
export const KEPT_PER_CHECK = 10_000;

const WORST: readonly Severity[] = ['info', 'warning', 'error'];

interface Rest {
  severity: Severity;
  fromMs: number;
  toMs: number;
  findings: number;
  bars: number;
}

/** Gathers what the checks find in one series: every finding counted, each kept until a check has very many. */
export class FindingList {
  readonly counts = { info: 0, warning: 0, error: 0 };
  readonly #kept: Finding[] = [];
  readonly #keptOf = new Map<string, number>();
  readonly #rest = new Map<string, Rest>();

  /** `count` of them, where one stands for several. */
  add(finding: Finding, count = 1): void {
    this.counts[finding.severity] += count;
    const { check } = finding;
    const kept = this.#keptOf.get(check) ?? 0;
    if (kept < KEPT_PER_CHECK) {
      this.#keptOf.set(check, kept + 1);
      this.#kept.push(finding);
    } else {
      this.#count(finding);
    }
  }

  #count({ check, severity, openTimeMs, bars }: Finding): void {
    const rest = this.#rest.get(check) ?? { severity, fromMs: NaN, toMs: NaN, findings: 0, bars: 0 };
    if (WORST.indexOf(severity) > WORST.indexOf(rest.severity)) rest.severity = severity;
    if (!(rest.fromMs <= openTimeMs) && !Number.isNaN(openTimeMs)) rest.fromMs = openTimeMs;
    if (!(rest.toMs >= openTimeMs) && !Number.isNaN(openTimeMs)) rest.toMs = openTimeMs;
    rest.findings++;
    rest.bars += bars;
    this.#rest.set(check, rest);
  }

  /** All of them, `inOrder`. */
  finish(): readonly Finding[] {
    const rest = [...this.#rest].map(([check, { severity, fromMs, toMs, findings, bars }]): Finding => {
      const range = Number.isNaN(fromMs)
        ? ''
        : ` from ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`;
      const message = `${findings} more findings of this check${range}.`;
      return { check, severity, openTimeMs: fromMs, bars, message };
    });
    return inOrder([...this.#kept, ...rest]);
  }
}

/** In order of time, those without one first; those of one time the worst first, else as they were. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const place = ({ openTimeMs }: Finding): number => (Number.isNaN(openTimeMs) ? -Infinity : openTimeMs);
  const rank = ({ severity }: Finding): number => WORST.indexOf(severity);
  return [...findings].sort((a, b) => (place(a) === place(b) ? rank(b) - rank(a) : place(a) < place(b) ? -1 : 1));
}
