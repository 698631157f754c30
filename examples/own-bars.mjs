// Bars that a program has, held to the same rules as those of files; a rule strategy over them.
import { backtest, barsOf } from 'signalbox';

const rows = Array.from({ length: 500 }, (_, at) => {
  const close = 100 + 20 * Math.sin(at / 40) + at / 25;
  return { time: Date.UTC(2020, 0, 1 + at), open: close, high: close + 1, low: close - 1, close, volume: 1_000 };
});
const bars = barsOf('WAVE', rows, { calendar: 'crypto' });
const result = await backtest('sma-cross', bars, { parameters: { fast: 5, slow: 20 }, calendar: 'crypto' });
console.log(`${result.trades} trades, ${(100 * result.totalReturn).toFixed(1)} % after costs`);
