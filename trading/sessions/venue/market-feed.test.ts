import { expect, it } from 'vitest';
import { parseExperiment } from '../../../models/experiment/load-experiment.ts';
import { vendorOf } from './market-feed.ts';

const read = (data: string) => parseExperiment(`name: e\nuniverse: [BTC/USDT]\ndata: { ${data} }\n`, 'e.yaml');

it('has no live feed for bars by trading, whatever vendor is named', () => {
  expect(vendorOf(read('source: csv, path: x.csv, calendar: none'), 'binance')).toBe('binance');
  const sampled = read('source: csv, path: x.csv, calendar: none, timeframe: 1m, sample: { by: volume, size: 9 }');
  expect(() => vendorOf(sampled, 'binance')).toThrow('data.sample: no live feed makes bars by trading');
});
