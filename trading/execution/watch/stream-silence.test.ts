import { describe, expect, it } from 'vitest';
import { StreamSilence } from './stream-silence.ts';

describe('the silence of a stream', () => {
  it('is believed once what was found is overdue, however soon it was found', () => {
    const silence = new StreamSilence(100);
    silence.found('a', 1_000);
    expect(silence.isOverdue(1_100)).toBe(false);
    expect(silence.isOverdue(1_101)).toBe(true);
  });

  it('is none where the stream tells it after all, and where another stream was opened', () => {
    const silence = new StreamSilence(100);
    silence.found('a', 1_000);
    silence.found('b', 1_000);
    silence.told('a');
    expect(silence.isOverdue(2_000)).toBe(true);
    silence.told('b');
    expect(silence.isOverdue(2_000)).toBe(false);
    silence.found('c', 1_000);
    silence.forget();
    expect(silence.isOverdue(2_000)).toBe(false);
  });
});
