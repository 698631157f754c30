import { expect, it } from 'vitest';
import { signalOf } from './own-answer.ts';

it('keeps of a reason what the journal can store', () => {
  const reasonOf = (reason: string): string => signalOf({ action: 'BUY', reason }, 'A', 'mine').reason;
  expect(reasonOf('above\0 the \ud83d mean')).toBe('above\ufffd the \ufffd mean');
  expect(reasonOf(`${'x'.repeat(499)}😀`)).toBe('x'.repeat(499));
  expect(reasonOf('a fall of 3 % 😀')).toBe('a fall of 3 % 😀');
});
