import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientOrderIds } from './client-order-id.ts';

describe('clientOrderIds', () => {
  it('differ where two long names of sessions differ at their end only', () => {
    const name = 'paper-alpaca-us-equities-momentum-ensemble';
    expect(clientOrderIds(`${name}-aaaaaaaa`)(1)).not.toBe(clientOrderIds(`${name}-aaaaaaab`)(1));
    // The end of one name and the sequence of another are no longer the same text.
    expect(clientOrderIds('s-1')(1)).not.toBe(clientOrderIds('s')(11));
  });

  it('are 36 characters at most, of an alphabet that brokers take, and the same every time', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 400 });
    fc.assert(
      fc.property(name, fc.integer({ min: 1, max: 1e12 - 1 }), (session, sequence) => {
        const id = clientOrderIds(session)(sequence);
        expect(id).toMatch(/^[0-9a-z-]{1,36}$/);
        expect(clientOrderIds(session)(sequence)).toBe(id);
        expect(clientOrderIds(session)(sequence + 1)).not.toBe(id);
        expect(clientOrderIds(`${session} `)(sequence)).not.toBe(id);
      }),
    );
  });
});
