import type { z } from 'zod';
import type { boardsSchema, panelDataSchema } from '../../../../infra/grafana/routes.ts';
import type { columnsSchema, seriesSchema } from '../../../../pipelines/bars/routes.ts';
import type { indicatorsSchema } from '../../../../pipelines/charts/routes.ts';
import type { equityCurveSchema, probabilityCurveSchema } from '../../../sessions/charts/schemas.ts';

// What the service answers for charts, as its routes have it.

export type Series = z.infer<typeof seriesSchema>;
/** Bars by columns, of the store or of a session. */
export type BarPage = Pick<
  z.infer<typeof columnsSchema>,
  'time' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'more' | 'timeframe'
>;
export type IndicatorPage = Pick<z.infer<typeof indicatorsSchema>, 'time' | 'values'>;
export type EquityCurve = z.infer<typeof equityCurveSchema>;
export type ProbabilityCurve = z.infer<typeof probabilityCurveSchema>;
export type Board = z.infer<typeof boardsSchema>['boards'][number];
export type Panel = Board['rows'][number]['panels'][number];
export type PanelData = z.infer<typeof panelDataSchema>;
