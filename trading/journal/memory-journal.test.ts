import { describe, expect, it } from 'vitest';
import type { Effect } from '../effect.ts';
import { runHistoricalSession } from '../sessions/historical-session.ts';
import { MemoryJournal } from './memory-journal.ts';
import { childBars, childSession } from '../testing/streaming-session-child.ts';
import { REFUSAL_CODES, refusalReason } from '../refusal.ts';

/** Effects of a real session, as its journal was given them. */
function recorded(): Effect[] {
  const effects: Effect[] = [];
  const journal = { append: (effect: Effect) => effects.push(effect), hash: () => '' };
  runHistoricalSession({ ...childSession, bars: childBars, journal });
  return effects;
}

describe('MemoryJournal', () => {
  const effects = recorded();

  it('reads back what was appended, over block boundaries', () => {
    const journal = new MemoryJournal(['AAA', 'BBB']);
    for (let turn = 0; turn < 8; turn++) effects.forEach((effect) => journal.append(effect));
    const entries = [...journal.entries()];
    expect(entries.length).toBe(effects.length * 8);
    expect(entries.length).toBeGreaterThan(2_000);
    entries.forEach((entry, at) => {
      const effect = effects[at % effects.length]!;
      const { kind, timeMs } = effect;
      expect(entry).toMatchObject({ kind, timeMs });
      if (effect.kind === 'fill') expect(entry).toEqual(effect);
      if (effect.kind === 'order') {
        const { sequence, quantity, price, clippedBy, reduces, direction } = effect;
        expect(entry).toMatchObject({ sequence, quantity, price, clippedBy, reduces, direction });
      }
      if (effect.kind === 'signal') expect(entry).toMatchObject({ action: effect.signal.action, probability: null });
      if (effect.kind === 'refusal') expect(entry).toEqual(effect);
    });
  });

  it('hashes the same however often the hash is asked for, with or without keeping records', () => {
    const kept = new MemoryJournal(['AAA', 'BBB']);
    const dropped = new MemoryJournal(['AAA', 'BBB'], { keep: false });
    for (let turn = 0; turn < 8; turn++) {
      effects.forEach((effect, at) => {
        kept.append(effect);
        dropped.append(effect);
        if (at % 97 === 0) kept.hash();
      });
    }
    expect(kept.hash()).toBe(dropped.hash());
  });

  it('tells universes apart, but not what a single symbol is called', () => {
    const hashOf = (...symbols: string[]): string => new MemoryJournal(symbols).hash();
    expect(hashOf('AAA', 'BBB')).not.toBe(hashOf('AAA', 'CCC'));
    expect(hashOf('AAA', 'BBB')).not.toBe(hashOf('AAA'));
    expect(hashOf('AAA')).toBe(hashOf('BBB'));
  });

  it('has words without holes for every refusal', () => {
    for (const code of REFUSAL_CODES) expect(refusalReason(code, 0.5, 0.25)).toMatch(/^[^]{8,}$/);
  });
});
