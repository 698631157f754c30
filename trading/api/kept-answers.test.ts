import { describe, expect, it } from 'vitest';
import { AnswerText, KeptAnswers } from './kept-answers.ts';

function makeKept() {
  let nowMs = 0;
  let made = 0;
  const kept = new KeptAnswers<{ body: AnswerText }>(() => nowMs);
  const make = (text = 'x') => ({ body: new AnswerText(`${text}${++made}`) });
  const ask = (key: string) => kept.of(key, 100, () => Promise.resolve(make())).then(({ body }) => body.text);
  return { kept, ask, make, at: (ms: number) => (nowMs = ms) };
}

describe('KeptAnswers', () => {
  it('answers the same for as long as it is kept, to the same question alone', async () => {
    const { ask, at } = makeKept();
    expect(await ask('a')).toBe('x1');
    at(49);
    expect([await ask('a'), await ask('b')]).toEqual(['x1', 'x2']);
    at(100);
    expect(await ask('a')).toBe('x3');
  });

  it('has at once what is there and still good, and nothing else', async () => {
    const { kept, ask, at } = makeKept();
    const now = (): string | undefined => kept.now('a')?.body.text;
    const asked = ask('a');
    expect(now()).toBeUndefined();
    await asked;
    at(49);
    expect([now(), kept.now('b')]).toEqual(['x1', null]);
    at(100);
    expect(now()).toBeUndefined();
  });

  it('makes again, once, what is still asked for in the second half of its moment', async () => {
    const { kept, ask, at } = makeKept();
    const now = (): string | undefined => kept.now('a')?.body.text;
    await ask('a');
    at(50);
    expect([now(), now(), await ask('a')]).toEqual(['x1', 'x1', 'x1']);
    await expect.poll(now).toBe('x2');
    at(149);
    expect(now()).toBe('x2');
    await expect.poll(now).toBe('x3');
    at(249);
    expect(await ask('b')).toBe('x4');
    at(300);
    expect(now()).toBeUndefined();
  });

  it('gives the last for as long as it is good where it could not be made again', async () => {
    const { kept, make, at } = makeKept();
    let fails = false;
    const asked = () => kept.of('a', 100, () => (fails ? Promise.reject(new Error('away')) : Promise.resolve(make())));
    await asked();
    fails = true;
    at(60);
    expect((await asked()).body.text).toBe('x1');
    at(99);
    expect((await asked()).body.text).toBe('x1');
    at(100);
    await expect(asked()).rejects.toThrow('away');
  });

  it('makes an answer once for all who ask while it is made', async () => {
    const { kept, ask, make, at } = makeKept();
    let answer: (one: { body: AnswerText }) => void = () => undefined;
    const first = kept.of('a', 100, () => new Promise((resolve) => (answer = resolve)));
    at(5_000);
    const second = ask('a');
    answer(make());
    expect([(await first).body.text, await second]).toEqual(['x1', 'x1']);
  });

  it('keeps no failure, and nothing that is long', async () => {
    const { kept, ask, make } = makeKept();
    await expect(kept.of('a', 100, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await ask('a')).toBe('x1');
    const long = () => kept.of('long', 100, () => Promise.resolve(make('y'.repeat(1_048_577))));
    expect((await long()).body.tag).not.toBe((await long()).body.tag);
  });

  it('keeps a bounded number of answers', async () => {
    const { ask } = makeKept();
    expect(await ask('first')).toBe('x1');
    for (let n = 0; n < 64; n++) await ask(`other ${n}`);
    expect(await ask('first')).toBe('x66');
  });
});
