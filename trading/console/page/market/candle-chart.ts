import {
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  LineSeries,
  LineStyle,
  type CandlestickData,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { DAY_MS } from '../../../../features/timeframe.ts';
import { axisText } from '../charts/axis-text.ts';
import type { ChartColours } from '../charts/chart-colours.ts';
import type { Formats } from '../parts/formats.ts';
import type { BarColumns } from './bar-columns.ts';
import { turnsOf, type Mark, type PriceLevel } from './marks-of.ts';

/** Bars before the first that is seen at which older ones are asked for. */
const NEAR_BARS = 300;
const PANE_PX = 110;

export interface ChartLineData {
  readonly name: string;
  /** 0 is that of the candles. */
  readonly pane: number;
  readonly time: readonly number[];
  readonly value: readonly (number | null)[];
  readonly colour: string;
}

const at = (timeMs: number): UTCTimestamp => (timeMs / 1_000) as UTCTimestamp;

/** Candles with volume, marks, prices that orders wait at, and lines in panes: what a page tells it to draw. */
export class CandleChart {
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<'Candlestick'>;
  readonly #volume: ISeriesApi<'Histogram'>;
  readonly #marks: ISeriesMarkersPluginApi<Time>;
  readonly #colours: ChartColours;
  readonly #lines = new Map<string, ISeriesApi<'Line'>>();
  #levels: IPriceLine[] = [];
  #first = NaN;
  #length = 0;
  #lastMs = NaN;

  constructor(element: HTMLElement, formats: Formats, colours: ChartColours, onNearBeginning: () => void) {
    this.#colours = colours;
    const chart = createChart(element, {
      autoSize: true,
      layout: {
        background: { type: ColorType.Solid, color: colours.ground },
        textColor: colours.text,
        attributionLogo: false,
        panes: { separatorColor: colours.grid },
      },
      grid: { vertLines: { color: colours.grid }, horzLines: { color: colours.grid } },
      localization: {
        locale: formats.locale,
        timeFormatter: (time: Time) => formats.moment(1_000 * (time as number)),
        priceFormatter: (price: number) => formats.price(price),
      },
      timeScale: {
        timeVisible: true,
        secondsVisible: false,
        borderColor: colours.grid,
        // A hundred thousand bars fit on a phone.
        minBarSpacing: 0.002,
        enableConflation: true,
        tickMarkFormatter: (time: Time, kind: number) =>
          axisText(formats, 1_000 * (time as number), TICK_SPAN_MS[kind]!),
      },
      rightPriceScale: { borderColor: colours.grid },
    });
    this.#chart = chart;
    this.#candles = chart.addSeries(CandlestickSeries, {
      ...{ upColor: colours.gain, borderUpColor: colours.gain, wickUpColor: colours.gain },
      ...{ downColor: colours.loss, borderDownColor: colours.loss, wickDownColor: colours.loss },
    });
    this.#volume = chart.addSeries(HistogramSeries, {
      priceFormat: { type: 'volume' },
      priceScaleId: 'volume',
      lastValueVisible: false,
      priceLineVisible: false,
      color: `${colours.text}55`,
    });
    this.#volume.priceScale().applyOptions({ scaleMargins: { top: 0.85, bottom: 0 } });
    this.#marks = createSeriesMarkers(this.#candles, []);
    chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null && range.from < NEAR_BARS) onNearBeginning();
    });
  }

  end(): void {
    this.#chart.remove();
  }

  /** New bars are put at the end; what was changed before is drawn anew, at the same place. */
  setBars(bars: BarColumns): void {
    const { time } = bars;
    const isAhead = time[0] === this.#first && time.length >= this.#length && time[this.#length - 1] === this.#lastMs;
    const from = isAhead ? Math.max(0, this.#length - 1) : 0;
    if (isAhead && time.length - from < 100) {
      for (let row = from; row < time.length; row++) {
        this.#candles.update(candleOf(bars, row));
        this.#volume.update({ time: at(time[row]!), value: bars.volume[row]! });
      }
    } else {
      this.#candles.setData(time.map((_, row) => candleOf(bars, row)));
      this.#volume.setData(time.map((timeMs, row) => ({ time: at(timeMs), value: bars.volume[row]! })));
    }
    [this.#first, this.#length, this.#lastMs] = [time[0] ?? NaN, time.length, time.at(-1) ?? NaN];
  }

  setMarks(marks: readonly Mark[]): void {
    const { gain, loss, look } = this.#colours;
    this.#marks.setMarkers(
      turnsOf(marks).map(({ time, kind, side }): SeriesMarker<Time> => {
        const isBuy = side === 'buy';
        const isFill = kind === 'entry' || kind === 'exit';
        return {
          time: at(time),
          position: isBuy ? 'belowBar' : 'aboveBar',
          shape: isFill ? (isBuy ? 'arrowUp' : 'arrowDown') : kind === 'refused' ? 'square' : 'circle',
          color: kind === 'refused' ? look : isBuy ? gain : loss,
          ...(isFill ? { text: kind === 'entry' ? 'In' : 'Out' } : { size: 0.6 }),
        };
      }),
    );
  }

  setLevels(levels: readonly PriceLevel[]): void {
    for (const line of this.#levels) this.#candles.removePriceLine(line);
    const { gain, loss, text } = this.#colours;
    const tones = { good: gain, bad: loss, plain: text };
    this.#levels = levels.map(({ price, title, tone }) =>
      this.#candles.createPriceLine({
        ...{ price, title, color: tones[tone], axisLabelVisible: true, lineWidth: 1 },
        lineStyle: tone === 'plain' ? LineStyle.Dotted : LineStyle.Dashed,
      }),
    );
  }

  setLines(lines: readonly ChartLineData[]): void {
    const wanted = new Set(lines.map(keyOf));
    for (const [key, series] of this.#lines) {
      if (wanted.has(key)) continue;
      this.#chart.removeSeries(series);
      this.#lines.delete(key);
    }
    for (const line of lines) {
      const { name, pane, time, value, colour } = line;
      const look = { color: colour, lineWidth: 1, title: name, priceLineVisible: false } as const;
      const series = this.#lines.get(keyOf(line)) ?? this.#chart.addSeries(LineSeries, look, pane);
      this.#lines.set(keyOf(line), series);
      // A moment without a value is a gap, which a line has where it has no number.
      series.setData(
        time.map((timeMs, row) => {
          const own = value[row] ?? null;
          return own === null ? { time: at(timeMs) } : { time: at(timeMs), value: own };
        }),
      );
    }
    const panes = this.#chart.panes();
    for (const pane of panes.slice(1)) pane.setHeight(PANE_PX);
  }

  /** Moves by a share of what is seen. */
  scroll(share: number): void {
    const scale = this.#chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    if (range === null) return;
    const by = share * (range.to - range.from);
    scale.setVisibleLogicalRange({ from: range.from + by, to: range.to + by });
  }

  zoom(factor: number): void {
    const scale = this.#chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    if (range === null) return;
    scale.setVisibleLogicalRange({ from: range.to - factor * (range.to - range.from), to: range.to });
  }

  toEnd(): void {
    this.#chart.timeScale().scrollToRealTime();
  }

  showAll(): void {
    this.#chart.timeScale().fitContent();
  }
}

const keyOf = ({ pane, name, colour }: ChartLineData): string => `${pane} ${name} ${colour}`;

/** How much of a moment each kind of tick says: year, month, day, time, time with seconds. */
const TICK_SPAN_MS = [1_000 * DAY_MS, 1_000 * DAY_MS, 30 * DAY_MS, 1, 1];

function candleOf(bars: BarColumns, row: number): CandlestickData {
  const [open, high, low, close] = [bars.open[row]!, bars.high[row]!, bars.low[row]!, bars.close[row]!];
  return { time: at(bars.time[row]!), open, high, low, close };
}
