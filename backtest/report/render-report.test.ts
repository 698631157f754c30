import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exampleReport } from '../testing/example-report.ts';
import { runExample } from '../testing/example-result.ts';
import type { ReportInput } from './report-input.ts';
import { thinned } from '../statistics/thinned.ts';
import { escapeHtml, html } from './html.ts';
import { renderReport } from './render-report.ts';
import { REPORT_POLICY } from './report-policy.ts';
import { PAGE_SCRIPT } from './script/page-script.ts';
import { refusalGroups } from '../../trading/refusal-groups.ts';

const input = exampleReport(runExample({ bars: 300, randomRuns: 5 }));

/** The text of every script, however it is written. */
const scriptsOf = (page: string): string[] =>
  page
    .split(/<script[^>]*>/i)
    .slice(1)
    .map((rest) => rest.split('</script>')[0]!);

describe('report', () => {
  it('gives the same bytes for the same input, whatever was drawn before', async () => {
    const first = await renderReport(input);
    expect(await renderReport(input)).toBe(first);
    expect(first).not.toContain('NaN');
    expect(first).not.toContain('undefined');
    expect(first).not.toContain('[object');
  });

  it('escapes everything that came from outside', async () => {
    const nasty = '</style><script>alert(1)</script>"\'&<b onclick=x>';
    const signal = {
      timeMs: 0,
      symbol: nasty,
      action: 'BUY',
      probability: null,
      confidence: 1,
      reason: nasty,
    } as const;
    const refusal = { timeMs: 0, symbol: nasty, stage: 'risk', code: nasty, reason: nasty } as const;
    const session = { ...input.evaluation.session, lastSignals: [signal], refused: refusalGroups([refusal]) };
    const attacked: ReportInput = {
      ...input,
      ...{ title: nasty, description: nasty, source: nasty, currency: nasty },
      data: { title: nasty, statement: nasty, url: nasty, simulated: true, timeframe: nasty },
      identification: [{ label: nasty, value: nasty }],
      evaluation: { ...input.evaluation, session },
      result: { ...input.result, strategy: nasty, reasons: [nasty, `Met: ${nasty}`, nasty], journalHash: nasty },
    };
    const page = await renderReport(attacked);
    expect(scriptsOf(page)).toEqual([PAGE_SCRIPT]);
    expect(page).not.toContain('<b onclick');
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page.split('&lt;script&gt;').length - 1).toBeGreaterThanOrEqual(18);
  });

  it('asks nothing of a network and runs nothing but its own script, which its policy names', async () => {
    const page = await renderReport(input);
    expect(scriptsOf(page)).toEqual([PAGE_SCRIPT]);
    const hash = createHash('sha256').update(scriptsOf(page)[0]!).digest('base64');
    const policy = /http-equiv="content-security-policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'");
    expect(policy.split('; ')).toEqual(REPORT_POLICY);
    expect(REPORT_POLICY.filter((rule) => rule.includes('script'))).toEqual([`script-src 'sha256-${hash}'`]);
    // What it runs is given nothing that asks, and makes text, never markup.
    expect(PAGE_SCRIPT).not.toMatch(
      /fetch|XMLHttp|import|WebSocket|innerHTML|outerHTML|insertAdjacent|eval|Function\(/,
    );
    expect(page).not.toMatch(/<iframe|<img|@import|src=|url\((?!#)/);
    const links = [...page.matchAll(/(?:href|xmlns(?::\w+)?)="([^"]+)"/g)].map(([, to]) => to!);
    expect(new Set(links)).toEqual(new Set(['data:,', 'http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink']));
  });

  it('gives every chart a text and every id to one element only', async () => {
    const page = await renderReport(input);
    const charts = page.match(/<svg [^>]*>/g)!;
    expect(charts).toHaveLength(25);
    for (const chart of charts) expect(chart).toMatch(/role="img" aria-label="[^"]{20,}"/);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says what a rule strategy on too few bars can say', async () => {
    const small = exampleReport(runExample({ bars: 3, randomRuns: 5 }));
    const result = { ...small.result, folds: undefined, outOfSample: undefined };
    const page = await renderReport({ ...small, result });
    expect(page).not.toContain('Out-of-sample scores');
    expect(page).toContain('No evidence');
    expect(page).not.toContain('NaN');
  });
});

describe('markup', () => {
  it('escapes values, not markup', () => {
    expect(html`<i title="${'"'}">${['<', html`<b>${'&'}</b>`]}</i>${null}`.markup).toBe(
      '<i title="&quot;">&lt;<b>&amp;</b></i>',
    );
    // A zero is shown as what cannot be shown; other control characters are dropped.
    expect(escapeHtml('a\u0000\u001bb')).toBe('a\ufffdb');
    expect(escapeHtml('from postgres://me:se<same@host/db')).toBe('from postgres://me:***@host/db');
  });
});

describe('thinning', () => {
  it('keeps ends, peaks and troughs', () => {
    const values = Float64Array.from({ length: 10_000 }, (_, i) => Math.sin(i));
    values[4_321] = 50;
    values[7_777] = -50;
    const kept = thinned(values, 100);
    expect(kept.length).toBeLessThanOrEqual(102);
    expect(kept).toEqual(expect.arrayContaining([0, 4_321, 7_777, 9_999]));
    expect(thinned([3, 1, 2], 100)).toEqual([0, 1, 2]);
  });
});
