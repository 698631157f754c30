import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { describeWith, REFERENCE_DIR } from '../../../infra/testing/requirements.ts';
import { isoDay, parseDay } from '../../calendars/day.ts';
import { VendorError } from '../vendor-error.ts';
import { parseAlpacaActions } from './alpaca-actions.ts';
import { parseAlpacaBars } from './alpaca-bars.ts';
import { parseAlpacaQuote } from './alpaca-quotes.ts';

const file = join(REFERENCE_DIR, 'alpaca-samples/responses.json');
const where = { vendor: 'alpaca', endpoint: 'sample' } as const;

type Body = Record<string, unknown>;
const list = z.object({
  responses: z.array(z.object({ url: z.string(), test: z.string(), body: z.unknown() })),
});

/** Bodies of the official sample answers of one endpoint. */
function samples(path: RegExp): Body[] {
  const { responses } = list.parse(JSON.parse(readFileSync(file, 'utf8')));
  return responses.filter(({ url }) => path.test(url.replace(/\?.*/, ''))).map(({ body }) => body as Body);
}

/** The body with one symbol left, as an answer to a question about that symbol. */
function onlyOf(body: Body, field: string, symbol: string): Body {
  return { ...body, [field]: { [symbol]: (body[field] as Body)[symbol] } };
}

describeWith('reference', "Alpaca's official sample answers", () => {
  it.each([/\/v2\/stocks\/bars$/, /\/v1beta3\/crypto\/us\/bars$/])('bars %s are read as they stand', (path) => {
    const bodies = samples(path);
    expect(bodies.length).toBeGreaterThan(0);
    let bars = 0;
    for (const body of bodies) {
      const symbols = Object.keys(body['bars'] as Body);
      for (const symbol of symbols) {
        const page = parseAlpacaBars(onlyOf(body, 'bars', symbol), symbol, where);
        const said = (body['bars'] as Record<string, { t: string; c: number; v: number }[]>)[symbol]!;
        expect(page.bars.map(({ timeMs, close, volume }) => [timeMs, close, volume])).toEqual(
          said.map(({ t, c, v }) => [Date.parse(t), c, v]),
        );
        expect(page.next ?? null).toBe(body['next_page_token']);
        bars += page.bars.length;
      }
      if (symbols.length === 0) expect(parseAlpacaBars(body, 'AAPL', where)).toEqual({ bars: [], next: undefined });
      if (symbols.length > 1) expect(() => parseAlpacaBars(body, symbols[0]!, where)).toThrow(VendorError);
    }
    expect(bars).toBeGreaterThan(1);
  });

  it.each([/\/v2\/stocks\/quotes\/latest$/, /\/v1beta3\/crypto\/us\/latest\/quotes$/])(
    'latest quotes %s are read as they stand',
    (path) => {
      const bodies = samples(path);
      expect(bodies.length).toBeGreaterThan(0);
      for (const body of bodies) {
        const said = Object.entries(body['quotes'] as Record<string, { bp: number; as: number; t: string }>);
        for (const [symbol, { bp, as, t }] of said) {
          const quote = parseAlpacaQuote(body, symbol, where);
          expect(quote).toMatchObject({ symbol, bid: bp, askSize: as, timeMs: Date.parse(t) });
        }
        if (said.length === 0) expect(() => parseAlpacaQuote(body, 'AAPL', where)).toThrow(/no quote of AAPL/);
      }
    },
  );

  it('corporate actions: splits, dividends in shares and cash dividends, each of its symbol', () => {
    const range = { fromDay: parseDay('2023-01-01')!, toDay: parseDay('2024-12-31')! };
    const types = ['reverse_splits', 'forward_splits', 'stock_dividends', 'cash_dividends'];
    const found = samples(/\/v1\/corporate-actions$/).flatMap((body) => {
      const by = body['corporate_actions'] as Record<string, { symbol: string }[]>;
      // The sample answers a question about several symbols; ours are about one each, of these types.
      return types.flatMap((type) =>
        (by[type] ?? []).map(({ symbol }) => {
          const one = { ...body, corporate_actions: { [type]: by[type] } };
          const { actions } = parseAlpacaActions(one, { symbol, ...range }, where);
          return `${symbol} ${actions.map(({ kind, exDay, value }) => `${kind} ${isoDay(exDay)} ${value}`).join()}`;
        }),
      );
    });
    expect(found).toEqual([
      'MNTS split 2023-08-24 0.02',
      'SRE split 2023-08-22 2',
      'MSBC split 2023-05-19 1.05',
      'FCF dividend 2023-05-04 0.125',
      'ZMTBY dividend 2024-08-07 0.086928',
    ]);
  });
});
