import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import { minute, setting, statuses } from '../feeds/testing/vendor-in-hand.ts';
import { QualityInspector } from '../quality/quality-inspector.ts';
import { vendorColumns } from '../vendors/vendor-columns.ts';
import type { CalendarName } from './calendar.ts';
import { calendarNamed } from './calendar-named.ts';

const at = (time: string): number => Date.parse(`2024-06-11T${time}:00-04:00`);
const TIMES = ['03:55', '04:00', '08:15', '09:25', '09:30', '15:55', '16:00', '19:55', '20:00'];

/** What a vendor gave, by the times of New York at which the bars open. */
function ofVendor(calendar: CalendarName): string[] {
  const rows = TIMES.map((time) => ({ timeMs: at(time), open: 1, high: 1, low: 1, close: 1, volume: 1 }));
  const request = { symbol: 'A', timeframe: '5m', calendar, fromMs: -Infinity, toMs: Infinity } as const;
  const { openTimeMs } = vendorColumns(rows, {
    where: { vendor: 'alpaca', endpoint: 'bars' },
    plan: { fetched: '5m', joined: false },
    request,
    nowMs: at('20:00') + DAY_MS,
  });
  return TIMES.filter((time) => openTimeMs.includes(at(time)));
}

/** Bars of five minutes that open at `times`; what is found of them. */
function found(calendar: CalendarName, opens: readonly number[]): string[] {
  const bars: BarColumns = createBarColumns('A', opens.length);
  opens.forEach((openMs, row) => {
    bars.openTimeMs[row] = openMs;
    bars.closeTimeMs[row] = openMs + 300_000;
    for (const key of ['open', 'high', 'low', 'close'] as const) bars[key][row] = 100 + (row % 3);
    bars.volume[row] = 10;
  });
  const asked = { calendar: calendarNamed(calendar), timeframe: '5m', assetClass: 'equity', actions: [] } as const;
  const inspector = new QualityInspector(asked);
  inspector.inspect(bars);
  return inspector.finish().findings.map(({ check, severity, message }) => `${check} ${severity}: ${message}`);
}

const every5 = (from: string, to: string): number[] =>
  Array.from({ length: (at(to) - at(from)) / 300_000 }, (_, i) => at(from) + i * 300_000);

describe('bars before the open and after the close', () => {
  it('of a vendor are left out by the regular calendar, and kept from 4:00 to 20:00 by the extended one', () => {
    expect(ofVendor('us-equities')).toEqual(['09:30', '15:55']);
    expect(ofVendor('us-equities-extended')).toEqual(TIMES.slice(1, -1));
  });

  it('are an error by the regular calendar, which names the other one, and none by that', () => {
    const opens = every5('09:00', '16:30');
    const [one] = found('us-equities', opens);
    expect(one).toContain('is outside trading hours (us-equities-extended has those from 4:00 to 20:00).');
    expect(found('us-equities-extended', opens)).toEqual([]);
    const late = found('us-equities-extended', [...opens, at('20:00')]);
    expect(late).toEqual([expect.stringMatching(/^wrong-session error: .* is outside trading hours\.$/)]);
  });

  it('may be few: only within regular hours one that is missing is a gap', () => {
    const regular = every5('09:30', '16:00');
    const thin = [at('04:10'), at('07:40'), ...regular, at('17:25'), at('19:55')];
    expect(found('us-equities-extended', thin)).toEqual([]);
    const holed = thin.filter((ms) => ms !== at('12:00') && ms !== at('09:30'));
    const gaps = found('us-equities-extended', holed);
    expect(gaps.map((text) => text.split(' bar')[0])).toEqual(['gaps info: 1', 'gaps info: 1']);
    // From the evening to the next morning nothing of the regular hours is missing either.
    const next = every5('09:30', '16:00').map((ms) => ms + DAY_MS);
    expect(found('us-equities-extended', [...thin, at('05:00') + DAY_MS, ...next])).toEqual([]);
    // A day of which there are mornings alone lacks its regular hours, no more.
    const [gap] = found('us-equities-extended', [...regular, at('05:00') + DAY_MS, at('05:00') + 2 * DAY_MS]);
    expect(gap).toContain('gaps error: 78 of 158 expected bars');
  });

  it('of a stream are bars, and its silence there is none', async () => {
    const beforeOpen = at('08:00');
    const extended = { calendar: calendarNamed('us-equities-extended'), symbols: ['A'], silentAfterMs: 90_000 };
    const { clock, hand, events, run } = setting(extended, beforeOpen);
    const told = { ...minute(0), openTimeMs: beforeOpen, closeTimeMs: beforeOpen + 60_000 };
    clock.after(60_010, () => hand.stream('A', told));
    await run(30 * 60_000);
    expect(events.filter(({ kind }) => kind === 'bar')).toHaveLength(1);
    expect(statuses(events, 'silent')).toEqual([]);
    expect(hand.connectedMs).toHaveLength(1);
  });
});
