import * as vega from 'vega';
import * as vegaLite from 'vega-lite';
import { escapeHtml, trusted, type Markup } from '../html.ts';

/** Sizes a chart is drawn in: text keeps its size on both screens, which scaling one drawing would not give. */
const SIZES = {
  wide: { width: 1040, height: 300 },
  half: { width: 490, height: 260 },
  narrow: { width: 330, height: 220 },
};

export interface Chart {
  /** Used for ids: unique in the page. */
  readonly id: string;
  /** What the chart shows and its main figures, for those who cannot see it. */
  readonly alt: string;
  /** A unit or layered view without width and height. Colours are CSS variables of the page. */
  readonly spec: object;
  readonly size: 'wide' | 'half';
  readonly heights?: Partial<Record<keyof typeof SIZES, number>>;
}

const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif';
const CONFIG: vegaLite.Config = {
  background: undefined,
  font: FONT,
  aria: false,
  view: { stroke: null },
  axis: {
    domainColor: 'var(--line)',
    tickColor: 'var(--line)',
    gridColor: 'var(--grid)',
    labelColor: 'var(--muted)',
    titleColor: 'var(--muted)',
    titleFontWeight: 'normal',
    labelFontSize: 12,
    titleFontSize: 12,
    labelPadding: 5,
  },
};

/** Warnings of the compiler are about specs, which are ours: a fault, not something to print. */
class StrictLogger implements vega.LoggerInterface {
  level(): number;
  level(level: number): this;
  level(level?: number): number | this {
    return level === undefined ? vega.Warn : this;
  }
  error(...messages: readonly unknown[]): this {
    return failed(messages);
  }
  warn(...messages: readonly unknown[]): this {
    return failed(messages);
  }
  info(): this {
    return this;
  }
  debug(): this {
    return this;
  }
}

function failed(messages: readonly unknown[]): never {
  throw new Error(`chart: ${messages.join(' ')}`);
}

/** Draws a chart in its size and in the narrow one; the style sheet shows the one that fits. */
export async function renderChart(chart: Chart): Promise<Markup> {
  const wide = await draw(chart, chart.size);
  const narrow = await draw(chart, 'narrow');
  return trusted(`<figure><div class="wide">${wide}</div><div class="narrow">${narrow}</div></figure>`);
}

async function draw({ id, alt, spec, heights }: Chart, size: keyof typeof SIZES): Promise<string> {
  const { width, height } = SIZES[size];
  const full = {
    ...spec,
    width: width - 4,
    height: heights?.[size] ?? height,
    autosize: { type: 'fit', contains: 'padding' },
    background: 'transparent',
    padding: { left: 0, right: 6, top: 6, bottom: 6 },
    config: CONFIG,
  } as vegaLite.TopLevelSpec;
  const view = new vega.View(vega.parse(vegaLite.compile(full, { logger: new StrictLogger() }).spec), {
    renderer: 'none',
    logLevel: vega.Error,
  });
  const svg = await view.toSVG();
  view.finalize();
  return labelled(uniqueIds(svg, `${id}-${size}`), alt);
}

/**
 * The renderer numbers its clip paths through the life of the process; ours depend on the chart alone, so that equal
 * input gives equal bytes.
 */
function uniqueIds(svg: string, prefix: string): string {
  const names = new Map<string, string>();
  const renamed = (name: string): string => {
    if (!names.has(name)) names.set(name, `${prefix}-${names.size}`);
    return names.get(name)!;
  };
  return svg
    .replace(/url\(#([^)]+)\)/g, (_, name: string) => `url(#${renamed(name)})`)
    .replace(/ id="([^"]+)"/g, (_, name: string) => ` id="${renamed(name)}"`);
}

/** The drawing is one image with one text: its parts are no images of their own. */
function labelled(svg: string, alt: string): string {
  const plain = svg.replace(/ role="graphics-[^"]*"| aria-roledescription="[^"]*"/g, '');
  return plain.replace('<svg ', `<svg role="img" aria-label="${escapeHtml(alt)}" `);
}
