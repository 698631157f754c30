import { describe, expect, it } from 'vitest';
import { parseYamlText } from '../../infra/files/yaml-file.ts';
import { experimentSchema, type Experiment } from './experiment.ts';
import { finerTimeframe, requireFiner } from './finer-bars.ts';

function experiment(intrabar: string, data: string): Experiment {
  const lines = ['name: walked', 'universe: simulated-2', `data: ${data}`, `costs: { intrabar: ${intrabar} }`, ''];
  return parseYamlText(experimentSchema, lines.join('\n'), 'walked.yaml');
}

describe('finer bars of an experiment', () => {
  it.each([
    ['stop-first', null],
    ['trail-in-bar', null],
    ['5m', '5m'],
  ])('costs.intrabar: %s names %s', (intrabar, finer) => {
    expect(finerTimeframe(experiment(intrabar, '{ source: simulated }'))).toBe(finer);
  });

  it.each([
    ['1d', '{ source: binance, timeframe: 1d }', {}, /bars of 1d are not finer than the experiment's, of 1d/],
    ['1h', '{ source: binance, timeframe: 15m }', {}, /bars of 1h are not finer/],
    ['1h', '{ source: simulated }', {}, /the source simulated brings no finer ones of 1h/],
    ['1h', '{ source: binance }', { barsFiles: ['a.csv'] }, /files of bars bring no finer ones/],
    ['1h', '{ source: csv, path: bars.csv }', {}, /files of bars bring no finer ones/],
  ])('of %s over %s are refused where there are none', async (intrabar, data, files, message) => {
    const asked = requireFiner('walked.yaml', experiment(intrabar, data), files);
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toThrow(/^walked.yaml: costs.intrabar: /);
  });

  it('an order of prices asks for none', async () => {
    await expect(requireFiner('walked.yaml', experiment('stop-first', '{ source: simulated }'), {})).resolves.toBe(
      undefined,
    );
  });
});
