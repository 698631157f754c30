import { beforeAll, describe, expect, it } from 'vitest';
import { decimal, percent } from '../number-format.ts';
import { exampleReport } from '../testing/example-report.ts';
import { guardedReport } from '../testing/guarded-report.ts';
import { runExample } from '../testing/example-result.ts';
import { renderReport } from './render-report.ts';
import type { ReportInput } from './report-input.ts';
import { calibrationSection, wilsonInterval } from './model/calibration-section.ts';
import { importanceSection } from './model/importance-section.ts';
import { drawdownSection } from './risk/drawdown-section.ts';
import { rollingSection } from './risk/rolling-section.ts';
import { robustnessSection } from './robustness/robustness-section.ts';
import { excursionSection } from './trades/excursion-section.ts';
import { LEDGER_MAX, ledgerSection } from './trades/ledger-section.ts';

/** Cells of the tables of some markup, row by row. */
function cellsOf(markup: string): string[][] {
  return [...markup.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell!.replace(/<[^>]*>/g, '').trim()),
  );
}

describe('figures of a report', () => {
  const input = exampleReport(runExample({ bars: 700, randomRuns: 5 }));
  /** What is kept as the result, read again. */
  const kept = JSON.parse(JSON.stringify(input.result)) as ReportInput['result'];
  let page: string;
  beforeAll(async () => (page = await renderReport(input)));

  it('are those of the document: drawdowns, ratios, calibration', async () => {
    const drawdowns = cellsOf(drawdownSection(input)!.markup).slice(1);
    expect(drawdowns).toEqual(
      kept.drawdowns!.map(({ depth, from, trough, recovered, daysToTrough, days }, at) => [
        ...[String(at + 1), percent(depth), from.slice(0, 10), trough.slice(0, 10)],
        ...[recovered?.slice(0, 10) ?? 'not recovered', decimal(daysToTrough, 0), decimal(days, 0)],
      ]),
    );
    const { sharpe, volatility, belowZeroShare } = kept.rolling!;
    const ratios = cellsOf((await rollingSection(input))!.markup);
    expect(ratios[1]).toEqual([
      'Sharpe ratio',
      ...[sharpe!.least, sharpe!.median, sharpe!.most, sharpe!.last].map((value) => decimal(value)),
      percent(belowZeroShare, 0),
    ]);
    expect(ratios[2]![1]).toBe(percent(volatility.least, 1));
    const { outOfSample } = kept;
    const groups = cellsOf((await calibrationSection(input))!.markup).slice(1);
    expect(groups.map(([, rows]) => rows)).toEqual(outOfSample!.calibration.map(({ rows }) => decimal(rows, 0)));
    expect(page).toContain(`Expected calibration error: ${percent(outOfSample!.calibrationError!)}`);
  });

  it('are those of the document: trades, costs and capacity', async () => {
    const { ledger, excursions, costSensitivity, capacity } = kept;
    const [newest] = cellsOf(ledgerSection(input)!.markup).slice(1);
    const last = ledger.at(-1)!;
    expect(newest![4]).toBe(last.entryTime.slice(0, 16).replace('T', ' '));
    expect(newest!.slice(-2)).toEqual([percent(excursions!.adverse.at(-1)!), percent(excursions!.favourable.at(-1)!)]);
    const told = cellsOf((await robustnessSection(input))!.markup);
    for (const { multiple, totalReturn } of costSensitivity!.points) {
      expect(told.find(([name]) => name === `${multiple} times`)![1]).toBe(percent(totalReturn, 1));
    }
    for (const { capital, totalReturn } of capacity!.points) {
      expect(told.find(([name]) => name === decimal(capital, 0))![1]).toBe(percent(totalReturn, 1));
    }
    expect(page).toContain(`Half of the return is left at a capital of ${decimal(capacity!.halfReturnAt!, 0)}`);
    expect(capacity!.noReturnAt!).toBeGreaterThan(capacity!.halfReturnAt!);
    expect(page).toContain(`Nothing is left at a capital of ${decimal(capacity!.noReturnAt!, 0)}`);
  });

  it('add up: parts of excursions have every closed trade', () => {
    const parts = cellsOf(excursionSection(input)!.markup).filter((row) => row[0]!.includes(' to '));
    const trades = parts.map(([, count]) => Number(count));
    expect(trades).toHaveLength(10);
    expect(trades.slice(0, 5).reduce((sum, count) => sum + count, 0)).toBe(kept.tradeAnalysis!.closed);
  });
});

describe('what a report cannot tell', () => {
  const input = guardedReport(200);
  const { result, evaluation } = input;

  it('is said: records too short, prices restated, no volume, moves that were not kept', async () => {
    expect((await rollingSection(input))!.markup).toMatch(/Not told: \d+ daily returns; two windows of 183/);
    const restated = { ...input, result: { ...result, excursions: null } };
    expect(excursionSection(restated)!.markup).toContain('Not told: splits or dividends');
    expect(cellsOf(ledgerSection(restated)!.markup)[1]!.slice(-2)).toEqual(['n/a', 'n/a']);
    const reasons = ['capacity: bars have no volume to compare orders with.', 'featureImportance: it was not kept.'];
    const blind = { ...input, result: { ...result, capacity: null, featureImportance: null, reasons } };
    expect((await robustnessSection(blind))!.markup).toContain(
      'Not known: bars have no volume to compare orders with.',
    );
    expect((await importanceSection(blind))!.markup).toContain('Not told: it was not kept.');
    expect(await importanceSection(input)).toBeNull();
  });

  it('is said of few trades and windows', async () => {
    const { ledger } = evaluation.session;
    const few = {
      ...input,
      evaluation: { ...evaluation, session: { ...evaluation.session, ledger: ledger.slice(0, 9) } },
    };
    expect(excursionSection(few)!.markup).toMatch(/\d closed trades?: too few to be told by parts; 20 are the least/);
    const feature = { name: '<x>', mean: 1, least: 1, most: 1, firstTenShare: 1, byWindow: [1, 1] };
    const featureImportance = { windows: [1, 2], rows: 5, features: [feature], agreement: 1 };
    const { markup } = (await importanceSection({ ...input, result: { ...result, featureImportance } }))!;
    expect(markup).toContain('2 windows: too few to say whether what matters lasts');
    expect(markup).not.toContain('<x>');
  });

  it('is cut where there is too much of it, and says where the rest is', () => {
    const [trade] = evaluation.session.ledger;
    const ledger = Array.from({ length: LEDGER_MAX + 2 }, () => trade!);
    const excursions = { adverse: ledger.map(() => 0), favourable: ledger.map(() => 0) };
    const session = { ...evaluation.session, ledger };
    const { markup } = ledgerSection({
      ...input,
      evaluation: { ...evaluation, session },
      result: { ...result, excursions },
    })!;
    expect(markup).toContain(
      'The newest 5,000 of 5,002 trades; signalbox trades --run RUN --out trades.csv writes all',
    );
    expect(cellsOf(markup)[1]![0]).toBe('5,002');
  });
});

it("Wilson's interval holds the share and stays between 0 and 1", () => {
  // 8 of 10 by hand: centre (0.8 + 0.192) / 1.384, half width 0.2266.
  const [low, high] = wilsonInterval(0.8, 10);
  expect(low).toBeCloseTo(0.4902, 4);
  expect(high).toBeCloseTo(0.9433, 4);
  expect(wilsonInterval(0, 5)[0]).toBeCloseTo(0, 12);
});
