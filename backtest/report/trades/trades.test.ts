import { describe, expect, it } from 'vitest';
import { exampleReport } from '../../testing/example-report.ts';
import { guardedReport } from '../../testing/guarded-report.ts';
import { runExample } from '../../testing/example-result.ts';
import { robustnessSection } from '../robustness/robustness-section.ts';
import { ordersSection } from './orders-section.ts';
import { priceSection } from './price-section.ts';
import { tradeSection } from './trade-section.ts';

const learned = exampleReport(runExample({ bars: 300, randomRuns: 5 }));

describe('prices with trades on them', () => {
  const page = priceSection(guardedReport())!.markup;

  it('show candles, entries, exits, stops and targets of each symbol', () => {
    expect(page.match(/<svg class="price"/g)).toHaveLength(4);
    for (const mark of ['class="rose"', 'class="fell"', 'class="trade won"', 'class="trade lost"', 'class="exit"']) {
      expect(page).toContain(mark);
    }
    expect(page).toMatch(/class="stop"[^>]*><title>stop-loss at/);
    expect(page).toMatch(/class="target"[^>]*><title>take-profit at/);
    expect(page).toMatch(/long \d[\d,]* from .* by (signal|stop-loss|take-profit), /);
  });

  it('tell a candle that is pointed at, and escape what comes from outside', () => {
    expect(page).toMatch(/class="point"><rect [^>]*><text [^>]*>\d{4}-\d\d-\d\d \d\d:\d\d: open /);
    expect(page).toContain('A&lt;1&gt;');
    expect(page).not.toContain('<1>');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('are left out where nothing was traded', () => {
    const { evaluation } = learned;
    const idle = { ...learned, evaluation: { ...evaluation, session: { ...evaluation.session, ledger: [] } } };
    expect(priceSection(idle)).toBeNull();
  });
});

describe('orders that unfold', () => {
  it('lead to bar, features, model, signal, risk decision and fills', () => {
    const decision = {
      featuresOf: (symbol: string) =>
        symbol === 'EXAMPLE'
          ? ([
              ['rsi(14)', 41.25],
              ['gap', NaN],
            ] as const)
          : null,
      modelOf: () => 'ensemble of fold 2',
    };
    const { markup } = ordersSection({ ...learned, decision })!;
    expect(markup.match(/<details class="order">/g)!.length).toBeLessThanOrEqual(60);
    for (const text of [
      ...['Bar</dt>', 'Feature row</dt>', 'rsi(14) 41.25, gap missing', 'ensemble of fold 2', 'probability of up 5'],
      ...['approved as asked', 'Fills</dt>', ', fee ', 'at the next price'],
    ]) {
      expect(markup).toContain(text);
    }
  });

  it('name what protects a position, and have no features where a rule decided', () => {
    const { markup } = ordersSection(guardedReport())!;
    expect(markup).toContain('none: it protects a position');
    expect(markup).toContain('stop-loss (stop) at');
    expect(markup).not.toContain('Feature row');
  });
});

describe('what trades had in common, and what else might have been', () => {
  it('stand in tables', async () => {
    const input = guardedReport();
    const { markup } = tradeSection(input)!;
    for (const text of [
      'Longest run of wins and of losses',
      'Closed by: ',
      'take-profit',
      'Symbol: ',
      'Before and after',
    ]) {
      expect(markup).toContain(text);
    }
    const robust = (await robustnessSection(input))!.markup;
    for (const text of ['alpha a year', '5 times', 'blocks of days', 'perturbed prices', 'share of volume']) {
      expect(robust).toContain(text);
    }
    expect(robust + markup).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('are left out of documents that have none', async () => {
    const { tradeAnalysis: _trades, attribution: _parts, relative: _relative, ...rest } = learned.result;
    expect(tradeSection({ ...learned, result: rest })).toBeNull();
    expect(await robustnessSection({ ...learned, result: rest })).toBeNull();
  });
});
