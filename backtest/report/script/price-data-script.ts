/** Bars as `packed-bars.ts` wrote them, and what is seen of a stretch of them. */
export const PRICE_DATA_SCRIPT = String.raw`
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));
const unpackBars = ({ length, text, scale, unitMs, step, firstMs }) => {
  let place = 0;
  const next = () => {
    let [value, factor] = [0, 1];
    for (;;) {
      const digit = VALUES.get(text[place++]);
      value += (digit % 32) * factor;
      if (digit < 32) break;
      factor *= 32;
    }
    const size = Math.floor(value / 2);
    return value % 2 === 1 ? -size : size;
  };
  const bars = { length };
  for (const name of ['timeMs', 'open', 'high', 'low', 'close']) bars[name] = new Float64Array(length);
  let [timeMs, last] = [firstMs, 0];
  for (let at = 0; at < length; at++) {
    timeMs += at === 0 ? 0 : (next() + step) * unitMs;
    const open = last + next();
    last = open + next();
    bars.timeMs[at] = timeMs;
    bars.open[at] = open / scale;
    bars.close[at] = last / scale;
    bars.high[at] = (Math.max(open, last) + next()) / scale;
    bars.low[at] = (Math.min(open, last) - next()) / scale;
  }
  return bars;
};
const candlesOf = (bars, from, to, each) => {
  const candles = [];
  for (let start = Math.floor(from / each) * each; start < to; start += each) {
    const end = Math.min(bars.length, start + each);
    let [high, low] = [-Infinity, Infinity];
    for (let at = start; at < end; at++) {
      if (bars.high[at] > high) high = bars.high[at];
      if (bars.low[at] < low) low = bars.low[at];
    }
    candles.push({ start, end, timeMs: bars.timeMs[end - 1], open: bars.open[start], high, low, close: bars.close[end - 1] });
  }
  return candles;
};
const niceStep = (span, count) => {
  const power = 10 ** Math.floor(Math.log10(span / count));
  const times = span / count / power;
  return power * (times >= 7.07 ? 10 : times >= 3.16 ? 5 : times >= 1.41 ? 2 : 1);
};
const tradeText = ({ side, quantity, entered, entry, left, exit, by, pnl }) =>
  side + ' ' + units(quantity) + ' from ' + minuteText(entered) + ' at ' + amount(entry) +
  (left === null ? ' still open' : ' to ' + minuteText(left) + ' at ' + amount(exit) + ' by ' + by) + ', ' + amount(pnl);
const candleText = ({ start, end, timeMs, open, high, low, close }, each) =>
  minuteText(timeMs / 60000) + (end - start > 1 || each > 1 ? ' (' + plural((end - start) * each, 'bar') + ')' : '') +
  ': open ' + amount(open) + ', high ' + amount(high) + ', low ' + amount(low) + ', close ' + amount(close);
`;
