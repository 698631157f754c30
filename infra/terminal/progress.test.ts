import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgress, silentProgress } from './progress.ts';

function output(isTTY: boolean): NodeJS.WritableStream & { isTTY: boolean; text: () => string } {
  const pieces: string[] = [];
  const stream = new Writable({
    write: (piece, _encoding, done) => {
      pieces.push(String(piece));
      done();
    },
  });
  return Object.assign(stream, { isTTY, columns: 120, text: () => pieces.join('') });
}

describe('progress without a terminal', () => {
  it('writes the beginning, a line every ten seconds with rate and time left, and the end', () => {
    const out = output(false);
    let nowMs = 0;
    const stage = createProgress(out, () => nowMs).stage('bars', 1000);
    for (let i = 0; i < 30; i++) {
      nowMs += 1000;
      stage.advance(20);
    }
    stage.done('600 bars');
    expect(out.text().split('\n')).toEqual([
      'bars',
      'bars: 20 % (200 of 1000), 20.0/s, 40.0 s left',
      'bars: 40 % (400 of 1000), 20.0/s, 30.0 s left',
      'bars: 60 % (600 of 1000), 20.0/s, 20.0 s left',
      'bars: 600 bars (30.0 s)',
      '',
    ]);
  });

  it('has no share and no time left where the total is unknown', () => {
    const out = output(false);
    let nowMs = 0;
    const stage = createProgress(out, () => nowMs).stage('rows');
    nowMs = 100_000;
    stage.advance(5_000_000);
    stage.done();
    expect(out.text()).toBe('rows\nrows: 5000000, 50.0k/s\nrows: 5000000, 50.0k/s (1 min 40 s)\n');
  });
});

describe('progress on a terminal', () => {
  it('draws a bar with rate and time left and ends with a line', () => {
    const out = output(true);
    let nowMs = 0;
    const progress = createProgress(out, () => nowMs);
    const stage = progress.stage('folds', 10);
    nowMs = 2000;
    stage.advance(4);
    progress.note('in between');
    expect(out.text()).toMatch(/in between\n[^]*folds .*40%  4\/10  2\.00\/s  3\.0 s left/);
    stage.done('10 folds');
    stage.done('again');
    expect(out.text().match(/10 folds/g)).toHaveLength(1);
    expect(out.text()).not.toContain('again');
    expect(out.text()).toContain('folds: 10 folds (2.0 s)');
  });
});

it('silent progress takes everything and writes nothing', () => {
  const stage = silentProgress().stage('x', 3);
  stage.total(4);
  stage.advance();
  expect(stage.done()).toBeUndefined();
});

it('shows nothing from outside on a terminal that acts there, and no secret', () => {
  const out = output(true);
  const nowMs = 0;
  const progress = createProgress(out, () => nowMs);
  const stage = progress.stage('bars\u001b[2J\r of \u009b31m', 10);
  stage.advance(1);
  progress.note('http://a:sesame@b \u001b]0;title\u0007');
  stage.done('all\u202e');
  expect(out.text()).toContain('bars\\u001b[2J');
  expect(out.text()).toContain('http://a:***@b \\u001b]0;title\\u0007');
  expect(out.text()).not.toMatch(/\u001b\[2J|\u009b|\u001b\]|\u0007|\u202e|sesame/);
});
