import { beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../features/timeframe.ts';
import { crossOfMinutes } from '../../testing/cross-of-minutes.ts';
import type { Evaluation } from '../../judgement/evaluation.ts';
import { amountFormat, numberFormat, percentFormat, tickStep, timeAxis } from './chart-axes.ts';
import { drawdownChart, equityChart } from './equity-chart.ts';
import { renderChart } from './render-chart.ts';

/** Words along the axes of the wide and of the narrow drawing, one list an axis. */
function labelsOf(markup: string): string[][] {
  return [...markup.matchAll(/class="mark-text role-axis-label"[^>]*>(.*?)<\/g>/gs)].map(([, group]) =>
    [...group!.matchAll(/<text[^>]*>([^<]*)<\/text>/g)]
      .filter(([tag]) => !tag.includes('opacity="0"'))
      .map(([, word]) => word!),
  );
}

interface Layered {
  readonly layer: readonly { readonly data: { readonly values: readonly object[] } }[];
}

describe('charts of bars within days', () => {
  let evaluation: Evaluation;
  beforeAll(() => (evaluation = crossOfMinutes(1255).evaluation));

  it('draw the minutes, not their days', () => {
    for (const chart of [equityChart(evaluation, 'linear'), drawdownChart(evaluation)]) {
      for (const { data } of (chart.spec as Layered).layer) expect(data.values.length).toBeGreaterThan(300);
    }
    const deepest = (drawdownChart(evaluation).spec as Layered).layer[0]!.data.values as readonly { v: number }[];
    expect(Math.min(...deepest.map(({ v }) => v))).toBeCloseTo(evaluation.measured.performance.maxDrawdown, 9);
  });

  it('give nights no room and name the days', () => {
    const { timeMs } = evaluation.session;
    const axis = timeAxis(timeMs, evaluation.market.dayOf);
    expect([0, 389, 390].map((mark) => axis.at(mark))).toEqual([0, 389, 390]);
    const { values } = (axis.encoding as { axis: { values: number[] } }).axis;
    expect(values.length).toBeGreaterThan(3);
    expect(values.length).toBeLessThanOrEqual(9);
  });

  it.each([
    ['many', 0.002],
    ['few', 0.00002],
  ])('repeat no label, whether prices move by %s per cent or less', async (_, volatility) => {
    const moved = crossOfMinutes(1255, volatility).evaluation;
    for (const chart of [equityChart(moved, 'linear'), equityChart(moved, 'log'), drawdownChart(moved)]) {
      const axes = labelsOf((await renderChart(chart)).markup);
      expect(axes).toHaveLength(4);
      for (const words of axes) {
        expect(words.length, words.join(' ')).toBeGreaterThan(1);
        expect(new Set(words).size, words.join(' ')).toBe(words.length);
      }
    }
  });

  it.each([30, 390, 600, 2_000, 9_000, 60_000])('have few enough ticks for %i minutes', (count) => {
    const day = 390;
    const timeMs = Float64Array.from({ length: count }, (_, at) => {
      const days = Math.floor(at / day);
      return Date.UTC(2024, 0, 1 + days, 14, 31 + (at % day));
    });
    const { values, labelExpr } = (
      timeAxis(timeMs, (time) => Math.floor(time / DAY_MS)).encoding as {
        axis: { values: number[]; labelExpr: string };
      }
    ).axis;
    expect(values.length).toBeGreaterThan(0);
    expect(values.length).toBeLessThanOrEqual(9);
    const words = Object.values(
      JSON.parse(labelExpr.slice(0, labelExpr.lastIndexOf('}') + 1)) as Record<string, string>,
    );
    expect(new Set(words).size).toBe(words.length);
  });
});

describe('formats of axes', () => {
  it('have the decimals that tell ticks apart, and no more', () => {
    expect([-0.2, -0.03, -0.004, -0.00012].map((low) => percentFormat(low, 0, 4))).toEqual([
      '.0%',
      '.0%',
      '.1%',
      '.3%',
    ]);
    expect([0.4, 0.01].map((high) => numberFormat(0, high, 5, 2))).toEqual(['.2f', '.3f']);
    expect(amountFormat(90_000, 120_000, 6)).toBe('.3~s');
    expect(amountFormat(100_000, 100_060, 6)).toBe('.6~s');
    expect([tickStep(0, 60, 6), tickStep(0, 1, 4)]).toEqual([10, 0.2]);
  });
});
