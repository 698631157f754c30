import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { QualityInspector } from '../quality/quality-inspector.ts';
import { requireQuality, requireUnadjusted as refuseAdjusted } from '../quality/quality-gate.ts';
import { requireUnadjusted } from './already-adjusted.ts';
import { adjustBars } from './bar-adjuster.ts';
import { inOrder, type DatedAction } from './corporate-action.ts';

const calendar = calendarNamed('none');
const EX_MS = 3 * DAY_MS;

/** Flat days at each price. */
function daysAt(closes: readonly number[]): BarColumns {
  const bars = createBarColumns('ITT', closes.length);
  closes.forEach((close, day) => {
    bars.openTimeMs[day] = day * DAY_MS;
    bars.closeTimeMs[day] = (day + 1) * DAY_MS;
    for (const field of ['open', 'high', 'low', 'close'] as const) bars[field][day] = close;
    bars.volume[day] = 1_000;
  });
  return bars;
}

const action = (kind: DatedAction['kind'], value: number): DatedAction => ({
  kind,
  value,
  effectiveMs: EX_MS,
  knownAtMs: EX_MS,
});

/** What the checks say of splits and jumps. */
function findings(bars: BarColumns, actions: readonly DatedAction[]): string[] {
  const inspector = new QualityInspector({
    calendar,
    timeframe: '1d',
    assetClass: 'equity',
    actions: inOrder(actions),
  });
  inspector.inspect(bars);
  return inspector
    .finish()
    .findings.map(({ check }) => check)
    .filter((check) => /adjusted|jumps/.test(check));
}

describe('actions that come into effect together', () => {
  it.each([
    // ITT, 2011: two businesses worth 35.5 a share spun off, and one new share for two old ones: (45.6 - 35.5) x 2.
    ['a spin-off and a reverse split', 45.6, [action('dividend', 35.5), action('split', 0.5)], 20.2],
    ['a spin-off and a split', 90, [action('dividend', 30), action('split', 3)], 20],
    ['two splits of which one undoes most of the other', 40, [action('split', 0.25), action('split', 5)], 32],
    [
      'a reverse split of one for ten and most of the cash paid out',
      2,
      [action('dividend', 1.8), action('split', 0.1)],
      2,
    ],
  ])('are looked at together: %s', (_what, before, actions, after) => {
    const raw = daysAt([before, before, before, after, after]);
    expect(() => requireUnadjusted(raw, inOrder(actions))).not.toThrow();
    expect(findings(raw, actions)).toEqual([]);
    const adjusted = adjustBars(raw, inOrder(actions));
    for (const close of adjusted.close) expect(close).toBeCloseTo(before, 9);
  });

  it('are suspected still where the split was taken out before', () => {
    const actions = [action('dividend', 1), action('split', 4)];
    const already = daysAt([25, 25, 25, 24, 24]);
    expect(() => requireUnadjusted(already, inOrder(actions))).toThrow(/split of 4 on 1970-01-04 does not show/);
    expect(() => requireUnadjusted(already, inOrder(actions))).toThrow(/0\.9600 of .*about 0\.2400/);
    expect(findings(already, actions)).toEqual(['already-adjusted']);
  });

  it('of the size of a split, in bars as traded, are no suspicion by themselves', () => {
    const raw = daysAt([100, 100, 100, 50, 50]);
    expect(findings(raw, [action('split', 2)])).toEqual([]);
  });

  it('are taken as they are where the user stands by them', () => {
    const finding = { check: 'already-adjusted', severity: 'error', openTimeMs: EX_MS, bars: 1, message: '' } as const;
    const quality = [{ seriesId: 1, symbol: 'ITT', bars: 5, errors: 1, warnings: 0, infos: 0, findings: [finding] }];
    const adjust = 'splits-and-dividends';
    expect(() => refuseAdjusted(quality, { adjust })).toThrow('ITT');
    expect(() => refuseAdjusted(quality, { adjust, trustActions: true })).not.toThrow();
    expect(() => requireQuality(quality, { maxQualityErrors: 0 })).toThrow('1 quality error');
    expect(() => requireQuality(quality, { maxQualityErrors: 0, trustActions: true })).not.toThrow();
  });
});
