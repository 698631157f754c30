import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { loadConfig } from '../../infra/config.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { usEquities } from '../calendars/us-equities.ts';
import { isoDay, parseDay } from '../calendars/day.ts';
import { QualityInspector } from '../quality/quality-inspector.ts';
import { readBarsFile } from '../sources/files/bars-file.ts';
import { requireUnadjusted } from './already-adjusted.ts';
import { adjustBars } from './bar-adjuster.ts';
import { actionsOfMode, dateAction, inOrder, type DatedAction } from './corporate-action.ts';

const folder = loadConfig().referenceDir;
const PRICES = ['open', 'high', 'low', 'close'] as const;

/** Rows of a reference table under the names of its header. */
function table(path: string): Map<string, string>[] {
  const bytes = readFileSync(join(folder, path));
  const text = path.endsWith('.gz') ? gunzipSync(bytes).toString('utf8') : bytes.toString('utf8');
  const [header, ...lines] = text.trim().split(/\r?\n/);
  const names = header!.split(',');
  return lines.map((line) => new Map(line.split(',').map((cell, at) => [names[at]!, cell])));
}

/** Splits and dividends that stand in the file of `symbol` beside its prices. */
function actionsOf(symbol: string): DatedAction[] {
  const actions = table(`zipline/daily/${symbol}.csv`).flatMap((row) => {
    const exDay = parseDay(row.get('date')!)!;
    const dividend = Number(row.get('dividend'));
    const split = Number(row.get('split'));
    return [
      ...(dividend === 0 ? [] : [{ kind: 'dividend' as const, exDay, value: dividend, knownAtMs: null }]),
      ...(split === 1 ? [] : [{ kind: 'split' as const, exDay, value: split, knownAtMs: null }]),
    ];
  });
  return inOrder(actions.map((action) => dateAction(action, usEquities, '1d')));
}

/** Bars and dividends as they were traded and paid, from those of today's shares. */
function asTraded(bars: BarColumns, actions: readonly DatedAction[]): { raw: BarColumns; paid: DatedAction[] } {
  const sharesAfter = (timeMs: number): number =>
    actions.reduce((n, { kind, value, effectiveMs }) => (kind === 'split' && effectiveMs > timeMs ? n * value : n), 1);
  const raw = createBarColumns(bars.symbol, bars.length);
  for (let i = 0; i < bars.length; i++) {
    const shares = sharesAfter(bars.openTimeMs[i]!);
    raw.openTimeMs[i] = bars.openTimeMs[i]!;
    raw.closeTimeMs[i] = bars.closeTimeMs[i]!;
    for (const field of PRICES) raw[field][i] = bars[field][i]! * shares;
    raw.volume[i] = bars.volume[i]! / shares;
  }
  const paid = actions.map((action) =>
    action.kind === 'split' ? action : { ...action, value: action.value * sharesAfter(action.effectiveMs) },
  );
  return { raw, paid };
}

/** Days whose change of the close is not that of skfolio's adjusted closes, which are rounded to three decimals. */
function daysApart(bars: BarColumns, adjusted: ReadonlyMap<string, number>): string[] {
  const days: string[] = [];
  for (let i = 1; i < bars.length; i++) {
    const [before, day] = [i - 1, i].map((at) => isoDay(usEquities.dayAt(bars.openTimeMs[at]!)));
    const [from, to] = [adjusted.get(before!)!, adjusted.get(day!)!];
    // A half of the last decimal on either side, and a hundredth of that for the six decimals of the bars.
    const rounding = 1.01 * (0.0005 / from + 0.0005 / to) * (to / from);
    if (!(Math.abs(to / from - bars.close[i]! / bars.close[i - 1]!) <= rounding)) days.push(day!);
  }
  return days;
}

const exDays = (actions: readonly DatedAction[], kind: DatedAction['kind']): string[] =>
  actions.filter((action) => action.kind === kind).map(({ effectiveMs }) => isoDay(usEquities.dayAt(effectiveMs)));

describeWith('reference', 'splits and dividends of real shares', () => {
  const bars = new Map<string, BarColumns>();
  beforeAll(async () => {
    const read = await readBarsFile(join(folder, 'zipline/daily'), { calendar: usEquities });
    for (const one of read) bars.set(one.symbol, one);
  });
  const errorsOf = (one: BarColumns, actions: readonly DatedAction[]): string[] => {
    const inspector = new QualityInspector({ calendar: usEquities, timeframe: '1d', assetClass: 'equity', actions });
    inspector.inspect(one);
    return inspector
      .finish()
      .findings.filter(({ severity }) => severity !== 'info')
      .map(({ check }) => check);
  };

  it('are read from the files as they are, every trading day of three years, with nothing to complain of', () => {
    expect([...bars].map(([symbol, { length }]) => [symbol, length])).toEqual(
      ['AAPL', 'IBM', 'KO', 'MSFT'].map((symbol) => [symbol, 754]),
    );
    const counts = ['AAPL', 'IBM', 'KO', 'MSFT'].map((symbol) => [
      exDays(actionsOf(symbol), 'dividend').length,
      exDays(actionsOf(symbol), 'split'),
    ]);
    expect(counts).toEqual([
      [10, ['2014-06-09']],
      [12, []],
      [12, ['2012-08-13']],
      [12, []],
    ]);
    for (const [symbol, one] of bars) {
      expect(
        errorsOf(
          one,
          actionsOf(symbol).filter(({ kind }) => kind === 'dividend'),
        ),
        symbol,
      ).toEqual([]);
    }
  });

  // IBM is not among skfolio's twenty.
  describe.each(['AAPL', 'KO', 'MSFT'])('%s', (symbol) => {
    const adjusted = (): Map<string, number> =>
      new Map(table('skfolio/sp500_dataset.csv.gz').map((row) => [row.get('Date')!, Number(row.get(symbol))]));

    it('with its dividends taken out moves as another’s adjusted closes do, and without that on every day but the ex-dates', () => {
      const one = bars.get(symbol)!;
      const actions = actionsOf(symbol);
      const dividends = actions.filter(({ kind }) => kind === 'dividend');
      expect(daysApart(adjustBars(one, dividends), adjusted())).toEqual([]);
      expect(daysApart(one, adjusted())).toEqual(exDays(actions, 'dividend'));
    });

    it('as it was traded, with splits and dividends taken out, moves so too', () => {
      const actions = actionsOf(symbol);
      const { raw, paid } = asTraded(bars.get(symbol)!, actions);
      expect(() => requireUnadjusted(raw, paid)).not.toThrow();
      expect(errorsOf(raw, paid)).toEqual([]);
      expect(daysApart(adjustBars(raw, actionsOfMode(paid, 'splits-and-dividends')), adjusted())).toEqual([]);
      const splits = adjustBars(raw, actionsOfMode(paid, 'splits'));
      expect(daysApart(splits, adjusted())).toEqual(exDays(actions, 'dividend'));
      // Volumes are those of today's shares again, up to the unit that one share of the first bar sets.
      const unit = splits.volume[0]! / bars.get(symbol)!.volume[0]!;
      splits.volume.forEach((volume, i) => expect(volume / (bars.get(symbol)!.volume[i]! * unit)).toBeCloseTo(1, 12));
    });
  });

  it.each(['AAPL', 'KO'])(
    'of %s have been taken out of the file already, and taking them out again is refused',
    (symbol) => {
      const actions = actionsOf(symbol);
      const [day] = exDays(actions, 'split');
      expect(() => requireUnadjusted(bars.get(symbol)!, actions)).toThrow(
        new RegExp(`^${symbol}: Already adjusted\\? The split of \\d on ${day} does not show`),
      );
      expect(errorsOf(bars.get(symbol)!, actions)).toEqual(['already-adjusted']);
    },
  );
});
