import { EventEmitter } from 'node:events';
import { renderToString } from 'ink';
import { cleanup, render } from 'ink-testing-library';
import { createElement } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { TopModel } from './top-model.ts';
import { TopScreen } from './top-screen.ts';
import type { TopRow, TopSource } from './top-source.ts';
import { frameOf, TopView } from './top-view.ts';

afterEach(cleanup);

const session = (id: string, more: TopRow = {}): TopRow => ({
  session: id,
  mode: 'paper',
  state: 'running',
  killState: 'run',
  startedAt: '2026-01-01T00:00:00.000Z',
  lastClose: '2026-03-02T21:00:00.000Z',
  equity: 100_000,
  experiment: 'spx',
  orders: 'simulated',
  pending: [],
  ...more,
});
const order = (sequence: number, symbol = 'AAA'): TopRow => ({
  sequence,
  time: '2026-03-02T21:00:00.000Z',
  symbol,
  side: 'buy',
  type: 'limit',
  quantity: 10,
  filled: 0,
  averagePrice: null,
  state: 'ACCEPTED',
});

/** A view over rows that are told by the test, and what it asks of its source. */
function opened(size: { columns: number; rows: number }, { colours = false }: { colours?: boolean } = {}) {
  const asked: string[] = [];
  const note = (word: string) => (of: string) => {
    asked.push(`${word} ${of}`);
    return Promise.resolve(`${of}: ${word} was asked`);
  };
  const source: TopSource = {
    listen: (channel) => void asked.push(`listen ${channel}`),
    leave: (channel) => void asked.push(`leave ${channel}`),
    limits: () => Promise.resolve({ positionFraction: 0.1, dailyLossFraction: 0.05, leverage: null }),
    stop: note('stop'),
    emergencyStop: note('emergency'),
    close: () => Promise.resolve(),
  };
  const model = new TopModel(undefined);
  model.begin(source);
  const view = render(createElement(TopView, { model, colours, size }));
  const shows = (text: string | RegExp) => expect.poll(() => view.lastFrame()).toMatch(text);
  const type = async (...keys: readonly string[]): Promise<void> => {
    // What is pressed before the view listens to the keyboard is lost.
    await shows('tab panel');
    for (const key of keys) view.stdin.write(key);
  };
  return { model, view, asked, shows, type };
}

const TAB = '\t';
const DOWN = '\u001b[B';

describe('the view', () => {
  it('begins with the newest session that runs, and shows what belongs to it', async () => {
    const { model, view, asked, shows, type } = opened({ columns: 80, rows: 24 });
    await shows('There is no session.');
    model.hear('sessions', [session('old', { state: 'stopped' }), session('of today')]);
    await shows(/^of today {2}paper running {2}equity 100000\.00 {2}no alert/);
    expect(asked).toEqual(expect.arrayContaining(['listen sessions', 'listen alerts', 'listen orders:of today']));
    model.hear('orders:of today', [order(2, 'BBB'), order(1)]);
    model.hear('orders:another', [order(9, 'ZZZ')]);
    await type(TAB, TAB);
    await shows(/Orders 2/);
    await shows(/^2 +BBB +buy +limit +10 +0 ACCEPTED$/m);
    expect(view.lastFrame()).not.toContain('ZZZ');
    const lines = view.lastFrame()!.split('\n');
    expect(lines.length).toBeLessThanOrEqual(23);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('shows all panels where there is room, and the columns that fit where there is little', async () => {
    const { model } = opened({ columns: 80, rows: 24 });
    model.hear('sessions', [session('wide')]);
    const size = { columns: 160, rows: 50 };
    const frame = renderToString(frameOf({ model, state: model.state(), colours: false, ...size }) as never, size);
    for (const title of ['Sessions 1', 'Positions', 'Orders', 'Signals', 'Risk', 'Alerts'])
      expect(frame).toContain(title);
    const narrow = opened({ columns: 40, rows: 12 });
    narrow.model.hear('sessions', [session('narrow')]);
    await narrow.shows(/^session +state$/m);
    for (const line of narrow.view.lastFrame()!.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('sets limits beside what is used, the nearest to its bound first', async () => {
    const { model, shows, type } = opened({ columns: 80, rows: 24 });
    model.hear('sessions', [session('a')]);
    const figures = { equity: 100, gross: 9, net: 9, leverage: 0.09, dayReturn: -0.01, dayPnl: -1, sectors: [] };
    model.hear('account:a', [{ session: 'a', ours: { ...figures, symbols: [{ gross: 9 }] } }]);
    await type(...TAB.repeat(5));
    await shows(/positionFraction +10\.00% +9\.00% #########\. 90%\n.*dailyLossFraction +5\.00% +1\.00% ##\.+ 20%/);
  });

  it('filters the rows of its panel by what is typed', async () => {
    const { model, view, shows, type } = opened({ columns: 80, rows: 24 });
    model.hear('sessions', [session('a')]);
    model.hear('orders:a', [order(2, 'BBB'), order(1, 'AAA')]);
    await type(TAB, TAB);
    await shows('Orders 2');
    view.stdin.write('/');
    await shows(/enter keeps it/);
    view.stdin.write('bbb');
    await shows(/Orders 1 \/bbb/);
    expect(view.lastFrame()).not.toMatch(/^1 +AAA/m);
    view.stdin.write('\u001b');
    await shows(/^1 +AAA/m);
  });

  it('stops a session only after a yes, and in an emergency only after two', async () => {
    const { model, view, asked, shows, type } = opened({ columns: 120, rows: 24 });
    model.hear('sessions', [session('a'), session('b')]);
    await shows('a  paper');
    await type(DOWN);
    await shows('b  paper');
    expect(asked).toContain('leave orders:a');
    view.stdin.write('s');
    await shows('Stop it between two bars?');
    view.stdin.write('n');
    await shows('nothing was done');
    expect(asked.filter((one) => /^(stop|emergency)/.test(one))).toEqual([]);
    view.stdin.write('s');
    await shows('Stop it between two bars?');
    view.stdin.write('e');
    await shows('EMERGENCY STOP');
    view.stdin.write('y');
    await shows('b: emergency was asked');
    view.stdin.write('s');
    await shows('Stop it between two bars?');
    view.stdin.write('y');
    await shows('b: stop was asked');
    expect(asked.slice(-2)).toEqual(['emergency b', 'stop b']);
  });

  it('shows no control characters and no secrets of the words of others', async () => {
    const { model, view, shows, type } = opened({ columns: 120, rows: 24 });
    model.hear('sessions', [session('a')]);
    const words = 'red \u001b[31m alert\nwith password=hunter2';
    model.hear('alerts', [
      { id: 1, raisedAt: '2026-03-02T21:00:00Z', severity: 'critical', type: 'x', words, resolvedAt: null },
    ]);
    await type(...TAB.repeat(4));
    await shows('red \\u001b[31m alert with password=***');
    expect(view.lastFrame()).not.toMatch(/hunter2/);
  });

  it('says why nothing changes', async () => {
    const { model, shows } = opened({ columns: 80, rows: 24 });
    model.trouble('the service is away');
    await shows(/the service is away\s*$/);
  });
});

describe('the screen', () => {
  it('draws only the lines that differ, everything after a change of size, and leaves the terminal as it was', () => {
    const written: string[] = [];
    const terminal = Object.assign(new EventEmitter(), {
      columns: 20,
      rows: 4,
      write: (text: string) => written.push(text) > 0,
    });
    const screen = new TopScreen(terminal as never);
    const resized: number[] = [];
    screen.on('resize', () => resized.push(screen.columns));
    expect(written.splice(0).join('')).toContain('\u001b[?1049h');
    screen.write('one\ntwo\nthree');
    expect(written.splice(0).join('')).toMatch(/one.*two.*three/s);
    screen.write('one\n2\nthree');
    const second = written.splice(0).join('');
    expect(second).toContain('\u001b[2;1H2');
    expect(second).not.toMatch(/one|three/);
    screen.write('one\n2\nthree');
    expect(written).toEqual([]);
    terminal.columns = 30;
    terminal.emit('resize');
    screen.write('one\n2\nthree');
    expect(resized).toEqual([30]);
    expect(written.splice(0).join('')).toMatch(/\[2J.*one.*2.*three/s);
    screen.end();
    expect(written.join('')).toContain('\u001b[?1049l');
    expect(terminal.listenerCount('resize')).toBe(0);
  });
});
