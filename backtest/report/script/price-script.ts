/** Candles with trades, stops and targets that are zoomed and moved by pointer and keys. */
export const PRICE_SCRIPT = String.raw`
const SVG = 'http://www.w3.org/2000/svg';
const [LEFT, RIGHT, TOP, BOTTOM, CANDLE, LEAST] = [4, 62, 10, 24, 5, 10];
const r = (value) => String(Math.round(value * 10) / 10);
const shape = (name, attributes, text = '') => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
};
const byRow = (row) => trades[row];
const unpackSymbol = (one) => ({ ...one, bars: unpackBars(one.bars), marks: one.trades.map((row, at) => ({
  trade: byRow(row), from: one.entries[at], to: one.exits[at] })) });
const viewOf = ({ bars, marks, resting }, { from, to }, { width, height }) => {
  const plot = width - LEFT - RIGHT;
  const each = Math.max(1, Math.ceil((to - from) / Math.max(1, Math.floor(plot / CANDLE))));
  const candles = candlesOf(bars, from, to, each);
  const inside = marks.filter((mark) => mark.from < to && (mark.to ?? Infinity) >= from);
  const waiting = resting.filter((line) => line.from < to && line.to >= from);
  let high = candles.reduce((most, candle) => Math.max(most, candle.high), -Infinity);
  let low = candles.reduce((least, candle) => Math.min(least, candle.low), Infinity);
  if (!(high > low)) [high, low] = [high + (Math.abs(high) || 1) / 100, low - (Math.abs(low) || 1) / 100];
  const span = high - low;
  const step = plot / (to - from);
  return { candles, inside, waiting, each, step, high, low, span, width, height, plot,
    x: (bar) => LEFT + (bar + 0.5 - from) * step,
    y: (price) => TOP + ((high + span * 0.05 - price) / (span * 1.1)) * (height - TOP - BOTTOM) };
};
const drawAxes = (view, candles) => {
  const { width, height, high, low, span, x, y } = view;
  const parts = [];
  const step = niceStep(span, 5);
  for (let price = Math.ceil(low / step) * step; price <= high + step / 1e6; price += step) {
    parts.push(shape('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: r(y(price)), y2: r(y(price)) }));
    parts.push(shape('text', { x: width - RIGHT + 6, y: r(y(price) + 4) }, amount(Math.abs(price) < step / 1e6 ? 0 : price)));
  }
  const count = Math.max(2, Math.min(7, Math.floor(width / 130), candles.length));
  const days = (candles[candles.length - 1].timeMs - candles[0].timeMs) / 864e5;
  for (let tick = 0; tick < count; tick++) {
    const candle = candles[Math.min(candles.length - 1, Math.round(((tick + 0.5) * candles.length) / count - 0.5))];
    const text = minuteText(candle.timeMs / 60000);
    const at = Math.max(LEFT + 30, Math.min(width - RIGHT - 20, x((candle.start + candle.end - 1) / 2)));
    const label = days < 3 ? text.slice(5) : minuteText((candle.timeMs - 1) / 60000).slice(0, 10);
    parts.push(shape('text', { class: 'middle', x: r(at), y: height - 6 }, label));
  }
  return parts;
};
const drawCandles = ({ candles, x, y, step }) => {
  const paths = { rose: [], fell: [] };
  for (const { start, end, open, high, low, close } of candles) {
    const [middle, wide] = [x((start + end - 1) / 2), Math.max(1, step * (end - start) * 0.66)];
    const [top, bottom] = [y(Math.max(open, close)), y(Math.min(open, close))];
    paths[close >= open ? 'rose' : 'fell'].push('M' + r(middle) + ' ' + r(y(high)) + 'V' + r(y(low)) + 'M' +
      r(middle - wide / 2) + ' ' + r(top) + 'h' + r(wide) + 'v' + r(Math.max(1, bottom - top)) + 'h' + r(-wide) + 'z');
  }
  return Object.entries(paths).map(([name, d]) => shape('path', { class: name, d: d.join('') }));
};
const drawTrades = ({ inside, x, y }) => {
  const paths = { won: { way: '', entry: '', exit: '' }, lost: { way: '', entry: '', exit: '' } };
  for (const { trade, from, to } of inside) {
    const path = paths[trade.pnl > 0 ? 'won' : 'lost'];
    const begin = r(x(from)) + ' ' + r(y(trade.entry));
    path.entry += 'M' + begin + 'l-5 ' + (trade.side === 'long' ? 10 : -10) + 'h10z';
    if (to === null) continue;
    path.way += 'M' + begin + 'L' + r(x(to)) + ' ' + r(y(trade.exit));
    path.exit += 'M' + r(x(to) - 4) + ' ' + r(y(trade.exit) - 4) + 'l8 8m0 -8l-8 8';
  }
  return Object.entries(paths).map(([tone, { way, entry, exit }]) => {
    const group = shape('g', { class: 'trade ' + tone });
    group.append(shape('path', { class: 'way', d: way }), shape('path', { d: entry }), shape('path', { class: 'exit', d: exit }));
    return group;
  });
};
const drawResting = ({ waiting, x, y, step }) => waiting.map(({ from, to, price, kind, words }) => {
  const line = shape('line', { class: kind, x1: r(x(from) - step / 2), x2: r(x(to) + step / 2), y1: r(y(price)), y2: r(y(price)) });
  line.append(shape('title', {}, words));
  return line;
});
const spanText = (symbol, { candles, inside, each, high, low }) => {
  const [first, last] = [candles[0], candles[candles.length - 1]];
  return symbol.name + ': ' + plural(last.end - first.start, symbol.each > 1 ? 'candle' : 'bar') +
    (each > 1 ? ' drawn as ' + plural(candles.length, 'candle') : '') + ', ' + minuteText(first.timeMs / 60000) + ' to ' +
    minuteText(last.timeMs / 60000) + ', prices from ' + amount(low) + ' to ' + amount(high) + ', ' + plural(inside.length, 'trade') + ' in sight';
};
const showPrices = (box) => {
  const packed = dataOf(box).symbols;
  const known = new Map();
  const chosen = box.querySelector('select');
  const frame = box.querySelector('.frame');
  const drawing = frame.querySelector('svg');
  const [told, read] = box.querySelectorAll('output');
  let [symbol, view, range, pointed, waiting] = [null, null, null, null, false];
  const symbolAt = (at) => {
    if (!known.has(at)) known.set(at, unpackSymbol(packed[at]));
    return known.get(at);
  };
  const draw = () => {
    waiting = false;
    const width = Math.max(260, Math.round(frame.clientWidth));
    const height = width < 560 ? 280 : 360;
    view = viewOf(symbol, range, { width, height });
    drawing.setAttribute('viewBox', '0 0 ' + width + ' ' + height);
    const inner = shape('svg', { x: LEFT, y: 0, width: view.plot, height, viewBox: LEFT + ' 0 ' + view.plot + ' ' + height });
    inner.append(...drawCandles(view), ...drawResting(view), ...drawTrades(view));
    const here = view.candles.find(({ start, end }) => pointed !== null && pointed >= start && pointed < end) ?? null;
    if (here !== null) {
      const at = r(view.x((here.start + here.end - 1) / 2));
      inner.append(shape('line', { class: 'cross', x1: at, x2: at, y1: TOP, y2: height - BOTTOM }));
    }
    drawing.replaceChildren(...drawAxes(view, view.candles), inner);
    const words = spanText(symbol, view);
    drawing.setAttribute('aria-label', words);
    told.textContent = words;
    read.textContent = here === null ? '\u00a0' : readText(here);
    [box.dataset.from, box.dataset.to] = [range.from, range.to];
  };
  const readText = (candle) => {
    const here = view.inside.filter(({ from, to }) => [from, to].some((bar) => bar !== null && bar >= candle.start && bar < candle.end));
    const more = here.length === 0 ? '' : here.length === 1 ? '; ' + tradeText(here[0].trade) : '; ' + plural(here.length, 'trade') +
      ' begin or end here, together ' + amount(here.reduce((sum, { trade }) => sum + trade.pnl, 0));
    return candleText(candle, symbol.each) + more;
  };
  const later = () => { if (!waiting) { waiting = true; requestAnimationFrame(draw); } };
  const look = (from, to) => {
    const { length } = symbol.bars;
    const size = Math.max(Math.min(LEAST, length), Math.min(length, Math.round(to - from)));
    const begin = Math.max(0, Math.min(length - size, Math.round(from)));
    range = { from: begin, to: begin + size };
    later();
  };
  const zoom = (factor, around) => {
    const { from, to } = range;
    const centre = around ?? (pointed !== null && pointed >= from && pointed < to ? pointed : (from + to) / 2);
    look(centre - (centre - from) * factor, centre + (to - centre) * factor);
  };
  const move = (bars) => look(range.from + bars, range.to + bars);
  const point = (bar) => {
    pointed = Math.max(0, Math.min(symbol.bars.length - 1, Math.round(bar)));
    const { from, to } = range;
    if (pointed < from) move(pointed - from);
    else if (pointed >= to) move(pointed + 1 - to);
    later();
  };
  const visit = (step) => {
    const bars = symbol.marks.map(({ from }) => from).sort((a, b) => a - b);
    const here = pointed ?? (step > 0 ? -1 : Infinity);
    const bar = (step > 0 ? bars.find((one) => one > here) : bars.reverse().find((one) => one < here)) ?? null;
    if (bar !== null) { const half = Math.min(60, (range.to - range.from) / 2); look(bar - half, bar + half); point(bar); }
  };
  const all = () => look(0, symbol.bars.length);
  const choose = () => {
    symbol = symbolAt(chosen.selectedIndex);
    pointed = null;
    const last = symbol.marks.reduce((most, { from, to }) => Math.max(most, to ?? from), 0);
    const shown = Math.max(40, Math.min(120, Math.floor((frame.clientWidth - LEFT - RIGHT) / CANDLE)));
    look(last + 8 - shown, last + 8);
  };
  const acts = { in: () => zoom(0.5), out: () => zoom(2), earlier: () => move(-(range.to - range.from) / 2),
    later: () => move((range.to - range.from) / 2), previous: () => visit(-1), next: () => visit(1), all };
  const size = () => (view === null ? 1 : view.each);
  const keys = { '+': acts.in, '=': acts.in, '-': acts.out, 0: all, PageUp: acts.earlier, PageDown: acts.later, n: acts.next,
    p: acts.previous, Home: () => point(0), End: () => point(Infinity),
    ArrowLeft: () => point((pointed ?? range.to) - size()), ArrowRight: () => point((pointed ?? range.from - size()) + size()),
    ArrowUp: acts.in, ArrowDown: acts.out };
  for (const button of box.querySelectorAll('button')) button.addEventListener('click', () => acts[button.dataset.act]());
  frame.addEventListener('keydown', (event) => {
    if (!Object.hasOwn(keys, event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  const barAt = ({ clientX }) => range.from + Math.floor((clientX - frame.getBoundingClientRect().left - LEFT) / view.step);
  let held = null;
  frame.addEventListener('pointerdown', (event) => { held = { x: event.clientX, from: range.from, to: range.to }; });
  frame.addEventListener('pointermove', (event) => {
    if (view === null) return;
    if (held !== null && event.buttons === 1) {
      if (!frame.hasPointerCapture(event.pointerId)) frame.setPointerCapture(event.pointerId);
      const bars = (held.x - event.clientX) / view.step;
      look(held.from + bars, held.to + bars);
    } else if (event.pointerType === 'mouse') {
      const bar = barAt(event);
      pointed = bar >= range.from && bar < range.to ? bar : null;
      later();
    }
  });
  frame.addEventListener('pointerup', (event) => {
    if (held !== null && Math.abs(event.clientX - held.x) < 4 && view !== null) point(barAt(event));
    held = null;
  });
  frame.addEventListener('pointercancel', () => { held = null; });
  frame.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && document.activeElement !== frame) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, barAt(event));
  }, { passive: false });
  chosen.addEventListener('change', choose);
  box.hidden = false;
  for (const still of document.querySelectorAll('.still-prices')) still.hidden = true;
  new ResizeObserver(() => { if (range !== null) later(); }).observe(frame);
  choose();
};
`;
