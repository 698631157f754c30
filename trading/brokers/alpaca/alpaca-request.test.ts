import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../../features/instrument.ts';
import {
  NO_CONDITIONS,
  ORDER_TYPES,
  TIMES_IN_FORCE,
  type OrderTerms,
  type TimeInForce,
} from '../../orders/order-terms.ts';
import { outgoing, share } from '../../testing/venue/alpaca/alpaca-in-hand.ts';
import { alpacaCapabilities } from './alpaca-capabilities.ts';
import { alpacaReplacement, alpacaRequest } from './alpaca-request.ts';

const coin: Instrument = { ...share('BTC/USD'), assetClass: 'crypto', lot: 1e-9 };
const terms = (type: OrderTerms['type'], price: number, more: Partial<OrderTerms> = {}): OrderTerms => {
  return { type, role: 'order', price, trail: 0, trailShare: 0, group: 0, conditions: null, ...more };
};
const bodyOf = (...args: Parameters<typeof outgoing>): unknown => {
  const request = alpacaRequest(outgoing(...args));
  return 'body' in request ? request.body : request.why;
};

describe('an order as it leaves for Alpaca', () => {
  it('has its amounts as text on the grid', () => {
    expect(bodyOf('a', { instrument: coin, quantity: 0.1 + 0.2, terms: terms('limit', 4.35 * 100) })).toMatchObject({
      qty: '0.3',
      limitPrice: '435',
      timeInForce: 'gtc',
    });
    expect(bodyOf('a', { instrument: coin, quantity: 1e-9 })).toMatchObject({ qty: '0.000000001', type: 'market' });
  });

  it('has prices on the tick of their level, never better for us than asked', () => {
    // Under a dollar the tick is finer (alpaca-trade-api-go 260).
    expect(bodyOf('a', { terms: terms('limit', 0.12345) })).toMatchObject({ limitPrice: '0.1234' });
    expect(bodyOf('a', { terms: terms('limit', 12.3456) })).toMatchObject({ limitPrice: '12.34' });
    expect(bodyOf('a', { side: -1, terms: terms('stop', 12.3456) })).toMatchObject({
      stopPrice: '12.34',
      side: 'sell',
    });
    const both = terms('stop-limit', 9.999, { conditions: { ...NO_CONDITIONS, limit: 9.501 } });
    expect(bodyOf('a', { side: -1, terms: both })).toMatchObject({ stopPrice: '9.99', limitPrice: '9.51' });
  });

  it('trails by money or by percent', () => {
    expect(bodyOf('a', { side: -1, terms: terms('trailing', 95, { trail: 5.004 }) })).toMatchObject({
      trailPrice: '5',
    });
    expect(bodyOf('a', { side: -1, terms: terms('trailing', 95, { trailShare: 0.0512 }) })).toMatchObject({
      trailPercent: '5.12',
    });
  });

  it('never leaves with an id that is too long or has odd characters (nautilus 383)', () => {
    expect(bodyOf('a'.repeat(129))).toContain('client order id');
    expect(bodyOf('ä')).toContain('client order id');
  });

  it('never leaves off the lot', () => {
    expect(bodyOf('a', { quantity: 1.5 })).toContain('not on the lot');
    expect(bodyOf('a', { quantity: NaN })).toEqual(expect.any(String));
  });

  it('reads back as what was ordered, whatever the size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000_000_000 }), (count) => {
        const quantity = count * 1e-9;
        const request = alpacaRequest(outgoing('a', { instrument: coin, quantity }));
        expect(request).toHaveProperty('body');
        const { qty } = (request as { body: { qty: string } }).body;
        expect(qty).toMatch(/^\d+(\.\d{1,9})?$/);
        expect(Math.abs(Number(qty) - quantity)).toBeLessThanOrEqual(quantity * 1e-9);
      }),
    );
  });
});

describe('an entry that leaves with its exits', () => {
  const exits = { target: terms('limit', 130.004), stop: terms('stop', 80.006) };

  it('is a bracket with both, an oto with one, of the time in force of these', () => {
    expect(bodyOf('a', { exits })).toMatchObject({
      type: 'market',
      timeInForce: 'gtc',
      orderClass: 'bracket',
      takeProfit: { limitPrice: '130.01' },
      stopLoss: { stopPrice: '80' },
    });
    const stop = terms('stop-limit', 80, { conditions: { ...NO_CONDITIONS, limit: 79.5 } });
    expect(bodyOf('a', { terms: terms('limit', 100), exits: { target: null, stop } })).toMatchObject({
      orderClass: 'oto',
      limitPrice: '100',
      stopLoss: { stopPrice: '80', limitPrice: '79.5' },
    });
    expect(bodyOf('a', { exits: { ...exits, stop: null } })).not.toHaveProperty('stopLoss');
  });

  it('does not leave with a stop or a target on the wrong side of it, or too near', () => {
    const at = (limit: number, more: Partial<typeof exits>): unknown =>
      bodyOf('a', { terms: terms('limit', limit), exits: { ...exits, ...more } });
    expect(at(100, { stop: terms('stop', 100) })).toContain('a stop at 100 for an entry at 100');
    expect(at(100, { target: terms('limit', 99) })).toContain('a target at 99 for an entry at 100');
    expect(bodyOf('a', { side: -1, exits })).toContain('a stop at 80.01');
  });

  it('is native for whole shares at the market or a limit, all of one time in force; else the exits come after', () => {
    const { attach } = alpacaCapabilities;
    const base = {
      assetClass: 'equity',
      fractional: false,
      postOnly: false,
      reduceOnly: false,
      activated: false,
    } as const;
    const market = { ...base, type: 'market', tif: 'day' } as const;
    const stop = { ...base, type: 'stop', tif: 'gtc' } as const;
    const target = { ...base, type: 'limit', tif: 'gtc' } as const;
    expect(attach(market, [target, stop]).how).toBe('native');
    expect(attach(market, [stop, target]).how).toBe('native');
    expect(attach({ ...base, type: 'limit', tif: 'gtc' }, [stop]).how).toBe('native');
    for (const how of [
      attach({ ...base, type: 'limit', tif: 'day' }, [stop]),
      attach({ ...base, type: 'stop', tif: 'gtc' }, [stop]),
      attach({ ...market, fractional: true }, [{ ...stop, fractional: true }]),
      attach({ ...market, assetClass: 'crypto' }, [{ ...target, assetClass: 'crypto' }]),
      attach(market, [{ ...stop, type: 'trailing' }]),
      attach(market, [stop, stop]),
      attach(market, []),
    ]) {
      expect(how).toEqual({
        how: 'emulated',
        by: expect.stringContaining('once their entry has been filled') as string,
      });
    }
  });
});

describe('an order for parts of a share', () => {
  const instrument = { ...share('AAPL'), lot: 0.001 };
  const leaves = (quantity: number, tif: TimeInForce): unknown => {
    const conditions = { ...NO_CONDITIONS, tif, expiresMs: tif === 'gtd' ? 1 : 0 };
    return alpacaRequest(outgoing('a', { instrument, quantity, terms: terms('stop', 90, { conditions }) }));
  };

  it('leaves for the day whatever it asks for, and one for whole shares until it is cancelled', () => {
    for (const tif of ['gtc', 'gtd', 'day'] as const)
      expect(leaves(1.5, tif)).toMatchObject({ body: { qty: '1.5', timeInForce: 'day' } });
    expect(leaves(2, 'gtc')).toMatchObject({ body: { qty: '2', timeInForce: 'gtc' } });
  });

  it('is none that follows the price', () => {
    const trailing = terms('trailing', 90, { trail: 1 });
    expect(alpacaRequest(outgoing('a', { instrument, quantity: 1.5, terms: trailing }))).toEqual({
      why: expect.stringContaining('no trailing stops for parts') as string,
    });
  });
});

describe('a change of an order for parts of a share', () => {
  it('does not leave: Alpaca makes none', () => {
    const instrument = { ...share('AAPL'), lot: 0.001 };
    const day = { ...NO_CONDITIONS, tif: 'day' } as const;
    const by = outgoing('a-a1', { instrument, quantity: 1.5, terms: terms('limit', 90, { conditions: day }) });
    expect(alpacaReplacement(by)).toEqual({ why: expect.stringContaining('place it anew') as string });
    expect(alpacaReplacement({ ...by, quantity: 2 })).toHaveProperty('body');
  });
});

describe('the table of capabilities', () => {
  const how = (assetClass: Instrument['assetClass'], fractional = false): string[][] =>
    ORDER_TYPES.map((type) =>
      TIMES_IN_FORCE.map((tif) => {
        const shape = { assetClass, type, tif, fractional, postOnly: false, reduceOnly: false, activated: false };
        const found = alpacaCapabilities.capability(shape);
        if (found.how === 'refused') expect(found.why.length).toBeGreaterThan(20);
        return found.how[0]!;
      }),
    );

  // Rows: limit, stop, trailing, market, stop-limit; columns: gtc day gtd ioc fok on-open on-close.
  it('says of each type and time what is native, emulated and refused', () => {
    expect(how('equity').map((row) => row.join(''))).toEqual(['nnennnn', 'nnerrrr', 'nnerrrr', 'nnennnn', 'nnerrrr']);
    expect(how('crypto').map((row) => row.join(''))).toEqual(['nrenrrr', 'rrrrrrr', 'rrrrrrr', 'nrenrrr', 'nrerrrr']);
    expect(how('equity', true).map((row) => row.join(''))).toEqual([
      'enerrrr',
      'enerrrr',
      'eeerrrr',
      'enerrrr',
      'enerrrr',
    ]);
    expect(new Set(how('index').flat())).toEqual(new Set(['r']));
  });

  it('refuses what Alpaca has not, and does what it can for it', () => {
    const shape = { assetClass: 'equity', type: 'limit', tif: 'gtc', fractional: false, activated: false } as const;
    expect(alpacaCapabilities.capability({ ...shape, postOnly: true, reduceOnly: false }).how).toBe('refused');
    expect(alpacaCapabilities.capability({ ...shape, postOnly: false, reduceOnly: true }).how).toBe('emulated');
    expect(
      alpacaCapabilities.capability({ ...shape, type: 'trailing', activated: true, postOnly: false, reduceOnly: false })
        .how,
    ).toBe('refused');
  });
});
