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

  describe.each([true, false])('of so many records that another thread hashes them, keeping: %s', (keep) => {
    const turns = Math.ceil(400_000 / effects.length);
    const append = (journal: MemoryJournal): void => {
      for (let turn = 0; turn < turns; turn++) for (const effect of effects) journal.append(effect);
    };

    it('has the hash of one that does so by itself, whenever it is asked', () => {
      const beside = new MemoryJournal(['AAA', 'BBB'], { keep, beside: true });
      const here = new MemoryJournal(['AAA', 'BBB'], { keep: false, beside: false });
      for (let round = 0; round < 3; round++) {
        append(beside);
        append(here);
        expect(beside.hash()).toBe(here.hash());
      }
      expect(beside.hash()).toBe(here.hash());
      expect(beside.count).toBeGreaterThan(1_200_000);
    });

    it('has that hash where it was asked before there were as many', () => {
      const [early, late] = [1, 2].map(() => new MemoryJournal(['AAA', 'BBB'], { keep, beside: true }));
      effects.forEach((effect) => early!.append(effect));
      effects.forEach((effect) => late!.append(effect));
      early!.hash();
      append(early!);
      append(late!);
      expect(early!.hash()).toBe(late!.hash());
    });
  });

  it('reads back what another thread hashes', () => {
    const journal = new MemoryJournal(['AAA', 'BBB'], { beside: true });
    const turns = Math.ceil(300_000 / effects.length);
    for (let turn = 0; turn < turns; turn++) effects.forEach((effect) => journal.append(effect));
    journal.hash();
    const told = effects.map(({ kind, timeMs }) => `${kind} ${timeMs}`);
    let at = 0;
    let wrong = 0;
    for (const { kind, timeMs } of journal.entries()) {
      if (`${kind} ${timeMs}` !== told[at % told.length]) wrong += 1;
      at += 1;
    }
    expect([at, wrong]).toEqual([turns * effects.length, 0]);
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
