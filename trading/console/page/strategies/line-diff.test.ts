import { expect, it } from 'vitest';
import { lineDiff } from './line-diff.ts';

const said = (before: string, after: string): string[] =>
  lineDiff(before, after).map(({ kind, text }) => `${{ same: ' ', removed: '-', added: '+' }[kind]}${text}`);

it('keeps the lines that both texts have, in order', () => {
  expect(said('a\nb\nc\nd', 'a\nx\nc\nd\ne')).toEqual([' a', '-b', '+x', ' c', ' d', '+e']);
  expect(said('a\nb', 'a\nb')).toEqual([' a', ' b']);
  expect(said('a\nb\na\nb', 'b\na')).toEqual(['-a', ' b', ' a', '-b']);
});
