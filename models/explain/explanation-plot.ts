import * as vega from 'vega';
import * as vegaLite from 'vega-lite';
import type { ExplainedPrediction } from './explain-prediction.ts';
import { byContribution, levelOf } from './top-reasons.ts';

const SHOWN = 14;
const ROW_PX = 24;

function specOf(prediction: ExplainedPrediction): vegaLite.TopLevelSpec {
  const { explanation, symbol, timeMs, model } = prediction;
  const ordered = byContribution(explanation);
  const values = ordered.slice(0, SHOWN).map((feature) => ({
    feature: `${feature.name}, ${levelOf(feature)}`,
    contribution: feature.contribution,
  }));
  const others = ordered.slice(SHOWN);
  if (others.length > 0) {
    const contribution = others.reduce((sum, feature) => sum + feature.contribution, 0);
    values.push({ feature: `${others.length} others`, contribution });
  }
  const { probability, baseProbability } = explanation;
  return {
    width: 460,
    height: ROW_PX * values.length,
    background: '#ffffff',
    padding: 12,
    title: {
      text: `${symbol} at ${new Date(timeMs).toISOString()}: probability of up ${probability.toFixed(4)}`,
      subtitle: `${model}; without the bar's features ${baseProbability.toFixed(4)}`,
      anchor: 'start',
      offset: 12,
    },
    data: { values },
    layer: [
      {
        mark: { type: 'bar', height: 14 },
        encoding: {
          x: {
            field: 'contribution',
            type: 'quantitative',
            title: 'adds to the score (log-odds)',
            axis: { tickCount: 5 },
          },
          color: {
            condition: { test: 'datum.contribution < 0', value: '#b5482f' },
            value: '#2b6ca3',
          },
        },
      },
      { mark: { type: 'rule', color: '#555555' }, encoding: { x: { datum: 0, type: 'quantitative' } } },
    ],
    encoding: {
      y: { field: 'feature', type: 'nominal', sort: null, title: null, axis: { labelLimit: 260 } },
    },
  };
}

/** An explanation as a bar chart, SVG: equal input gives equal bytes. */
export async function explanationPlot(prediction: ExplainedPrediction): Promise<string> {
  const { spec } = vegaLite.compile(specOf(prediction));
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logLevel: vega.Error });
  const svg = await view.toSVG();
  view.finalize();
  // The renderer numbers its clip paths through the life of the process.
  const names = new Map<string, string>();
  const renamed = (name: string): string => {
    if (!names.has(name)) names.set(name, `part-${names.size}`);
    return names.get(name)!;
  };
  return svg
    .replace(/url\(#([^)]+)\)/g, (_, name: string) => `url(#${renamed(name)})`)
    .replace(/ id="([^"]+)"/g, (_, name: string) => ` id="${renamed(name)}"`);
}
