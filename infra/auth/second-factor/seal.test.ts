import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Seal } from './seal.ts';

const [old, other] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];

describe('a seal', () => {
  it('opens what it sealed, in its place alone', () => {
    const seal = new Seal([old]);
    const stored = seal.seal('JBSWY3DPEHPK3PXP', 'second-factor 1');
    expect(stored).not.toContain('JBSWY3DPEHPK3PXP');
    expect(seal.seal('JBSWY3DPEHPK3PXP', 'second-factor 1')).not.toBe(stored);
    expect(seal.open(stored, 'second-factor 1')).toBe('JBSWY3DPEHPK3PXP');
    expect(() => seal.open(stored, 'second-factor 2')).toThrow(/cannot be opened/);
    const [head, id, text] = stored.split(':') as [string, string, string];
    const bytes = Buffer.from(text, 'base64');
    bytes[14]! ^= 1;
    expect(() => seal.open([head, id, bytes.toString('base64')].join(':'), 'second-factor 1')).toThrow(/was changed/);
  });

  it('seals with the first key and opens with every one', () => {
    const stored = new Seal([old]).seal('secret', 'here');
    const both = new Seal([other, old]);
    expect(both.open(stored, 'here')).toBe('secret');
    expect([both.isCurrent(stored), both.isCurrent(both.seal('secret', 'here'))]).toEqual([false, true]);
    expect(() => new Seal([other]).open(stored, 'here')).toThrow(/SIGNALBOX_SEAL_KEYS|key is not among/);
  });

  it('says where there is no key that it stores in clear', () => {
    const none = new Seal([]);
    expect([none.seals, none.seal('secret', 'here')]).toEqual([false, 'clear:secret']);
    expect(new Seal([old]).open('clear:secret', 'here')).toBe('secret');
    expect(new Seal([old]).isCurrent('clear:secret')).toBe(false);
  });
});
