// Features over bars: the numbers that a live session computes bar by bar.
import { column, features, sampleBars } from 'signalbox';

const bars = await sampleBars();
const [table] = features(['rsi(14)', 'lag(roc(5),1)', 'stdev(close,20)'], bars, { calendar: 'us-equities' });
const rsi = column(table, 'rsi(14)');
console.log(`${table.symbol}: ${table.length} bars, ${table.columns.join(', ')}`);
console.log(`the last rsi(14) is ${rsi.at(-1).toFixed(2)}`);
