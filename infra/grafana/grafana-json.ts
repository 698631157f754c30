import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
  type Panel as GrafanaPanel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as BarsBuilder } from '@grafana/grafana-foundation-sdk/barchart';
import { PanelBuilder as CandlesBuilder } from '@grafana/grafana-foundation-sdk/candlestick';
import { DataqueryBuilder as PromBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { canonicalJson } from '../hash.ts';
import { placed, type Board, type Panel, type PlacedPanel, type Target, type Threshold, type Unit } from './board.ts';

const POSTGRES = { type: 'grafana-postgresql-datasource', uid: 'signalbox-postgres' };
const PROMETHEUS = { type: 'prometheus', uid: 'signalbox-prometheus' };

/** Grafana's names of units. Money has no sign of a currency: accounts have different ones. */
const UNITS: Readonly<Record<Unit, readonly [unit: string, decimals: number | undefined]>> = {
  money: ['locale', 2],
  ratio: ['percentunit', 2],
  seconds: ['s', undefined],
  bytes: ['bytes', 1],
  count: ['locale', 0],
  rate: ['locale', 2],
  price: ['locale', undefined],
  score: ['none', 4],
};
const TONES: Readonly<Record<Threshold['tone'], string>> = { good: 'green', look: 'orange', bad: 'red' };

/** The query of a PostgreSQL data source, which the SDK lacks. */
class SqlQuery implements Builder<Dataquery> {
  readonly #sql: string;
  readonly #format: 'table' | 'time_series';
  readonly #refId: string;

  constructor(sql: string, format: 'series' | 'rows', refId: string) {
    this.#sql = sql;
    this.#format = format === 'series' ? 'time_series' : 'table';
    this.#refId = refId;
  }

  build(): Dataquery {
    const query = { refId: this.#refId, datasource: POSTGRES, rawQuery: true, editorMode: 'code' };
    const shown = { format: this.#format, rawSql: this.#sql };
    return { ...query, ...shown, _implementsDataqueryVariant: () => undefined } as Dataquery;
  }
}

function queryOf(target: Target, kind: Panel['kind'], place: number): Builder<Dataquery> {
  const refId = String.fromCharCode(65 + place);
  if ('sql' in target) return new SqlQuery(target.sql, target.format, refId);
  const query = new PromBuilder().expr(target.prom).legendFormat(target.legend).datasource(PROMETHEUS).refId(refId);
  return kind === 'stat' || target.instant === true ? query.instant() : query.range();
}

function thresholdsOf(thresholds: readonly Threshold[]): ThresholdsConfigBuilder {
  // The first holds from minus infinity on, which JSON has no number for.
  const steps = thresholds.map(({ from, tone }, place) => ({ value: place === 0 ? null : from, color: TONES[tone] }));
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

const BUILDERS = {
  lines: () => new LinesBuilder().lineWidth(1).fillOpacity(5).spanNulls(true),
  bars: () => new BarsBuilder(),
  stat: () => new StatBuilder(),
  table: () => new TableBuilder(),
  candles: () => new CandlesBuilder(),
} as const;

function panelOf({ panel, at }: PlacedPanel): Builder<GrafanaPanel> {
  const { title, about, kind, unit, targets, thresholds, min, max, empty, columns = {} } = panel;
  const [name, decimals] = UNITS[unit];
  const builder = BUILDERS[kind]().title(title).description(about).unit(name).gridPos(at);
  builder.datasource('sql' in targets[0]! ? POSTGRES : PROMETHEUS);
  if (decimals !== undefined) builder.decimals(decimals);
  if (empty !== undefined) builder.noValue(empty);
  if (min !== undefined) builder.min(min);
  if (max !== undefined) builder.max(max);
  if (thresholds !== undefined) builder.thresholds(thresholdsOf(thresholds));
  for (const [column, own] of Object.entries(columns)) {
    const [id, places] = UNITS[own];
    const more = places === undefined ? [] : [{ id: 'decimals', value: places }];
    builder.overrideByName(column, [{ id: 'unit', value: id }, ...more]);
  }
  targets.forEach((target, place) => builder.withTarget(queryOf(target, kind, place)));
  return builder;
}

/** A board as Grafana reads it from a file. Keys are sorted: the same definition gives the same bytes. */
export function grafanaJson(board: Board): string {
  const { id, title, about, span, choices } = board;
  const builder = new DashboardBuilder(title)
    .uid(id)
    .description(about)
    .tags(['signalbox'])
    .readonly()
    .timezone('browser');
  builder.refresh('30s').time({ from: `now-${span}`, to: 'now' });
  for (const { name, label, sql, several } of choices) {
    const variable = new QueryVariableBuilder(name).label(label).datasource(POSTGRES).query(sql);
    variable.refresh(VariableRefresh.OnTimeRangeChanged).multi(several).includeAll(several);
    builder.withVariable(variable);
  }
  for (const row of placed(board)) {
    builder.withRow(new RowBuilder(row.title).gridPos({ x: 0, y: row.y, w: 24, h: 1 }));
    for (const panel of row.panels) builder.withPanel(panelOf(panel));
  }
  const plain = JSON.parse(JSON.stringify(builder.build())) as unknown;
  return `${JSON.stringify(JSON.parse(canonicalJson(plain)), null, 2)}\n`;
}
