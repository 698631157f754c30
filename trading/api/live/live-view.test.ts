import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveView, type LiveRow } from './live-view.ts';

const rowsArbitrary = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 3 }))
  .map((rows) => Object.entries(rows).map(([key, value]): LiveRow => [key, { key, value }]));

/** What a reader has who takes every message that it is given. */
class Reader {
  rows = new Map<string, unknown>();
  told = -1;

  take(view: LiveView): void {
    const change = this.told < 0 ? null : view.since(this.told);
    const { sequence, text } = change ?? view.snapshot();
    const said = JSON.parse(text) as { key: string }[] | { rows: { key: string }[]; removed: string[] };
    if (Array.isArray(said)) this.rows = new Map(said.map((row) => [row.key, row]));
    else {
      for (const key of said.removed) this.rows.delete(key);
      for (const row of said.rows) this.rows.set(row.key, row);
    }
    this.told = sequence;
  }
}

describe('a view of rows', () => {
  it('tells each reader what is there, whichever changes it has slept through', () => {
    const steps = fc.array(fc.record({ rows: rowsArbitrary, first: fc.boolean(), second: fc.boolean() }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(steps, (moves) => {
        const view = new LiveView();
        const [one, two] = [new Reader(), new Reader()];
        for (const { rows, first, second } of moves) {
          const before = view.sequence;
          expect(view.take(rows)).toBe(view.sequence === before + 1);
          if (first) one.take(view);
          if (second) two.take(view);
          for (const [reader, reads] of [
            [one, first],
            [two, second],
          ] as const) {
            if (reads) expect(Object.fromEntries(reader.rows)).toEqual(Object.fromEntries(rows));
          }
        }
      }),
    );
  });

  it('tells nothing twice', () => {
    const view = new LiveView();
    expect(view.take([['a', 1]])).toBe(true);
    expect(view.take([['a', 1]])).toBe(false);
    view.take([
      ['a', 1],
      ['b', 2],
    ]);
    expect(view.since(1)).toEqual({ sequence: 2, text: '{"rows":[2],"removed":[]}' });
  });

  it('gives all anew to whoever has slept too long', () => {
    const view = new LiveView();
    for (let n = 0; n < 1_500; n++) view.take([[`row ${n}`, n]]);
    expect(view.since(1)).toBeNull();
    expect(view.since(view.sequence - 1)).toEqual({ sequence: 1_500, text: '{"rows":[1499],"removed":["row 1498"]}' });
  });
});
