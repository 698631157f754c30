// A strategy of your own, traded by the engine that trades live. It sees bars that have closed and nothing else.
import { backtest, sampleBars } from 'signalbox';

const dips = {
  parameters: { bars: { default: 10, min: 2, whole: true } },
  create: ({ bars }) => ({
    decide(view) {
      if (view.length <= bars) return 'HOLD';
      const lows = Array.from({ length: bars }, (_, ago) => view.low(ago + 1));
      if (view.close() < Math.min(...lows)) return { action: 'BUY', reason: `below the lows of ${bars} bars` };
      return view.close() > view.close(bars) ? 'SELL' : 'HOLD';
    },
  }),
};
const result = await backtest(dips, await sampleBars(), {
  name: 'dips',
  parameters: { bars: 15 },
  calendar: 'us-equities',
  costs: { feeBps: 2 },
  report: 'dips.html',
});
console.log(`${result.strategy}: Sharpe ratio ${result.sharpe.toFixed(2)}, ${result.trades} trades, ${result.verdict}`);
console.log('the report is dips.html');
