import { route, type Route } from '../../../infra/http/route.ts';
import { barColumns, momentOf } from '../../../pipelines/bars/routes.ts';
import { indicatorColumns } from '../../../pipelines/charts/indicator-columns.ts';
import { currenciesOf } from '../operators/session-currencies.ts';
import { chosenSession } from '../operators/chosen-session.ts';
import { requireSymbol } from '../operators/rows-output.ts';
import { sessionParams } from '../routes/schemas.ts';
import { requireVisible } from '../routes/visible-session.ts';
import { equityCurve } from './equity-curve.ts';
import { probabilityCurve } from './probability-curve.ts';
import {
  curveQuery,
  equityCurveSchema,
  probabilityCurveSchema,
  probabilityQuery,
  sessionBarsQuery,
  sessionBarsSchema,
  sessionIndicatorsQuery,
  sessionIndicatorsSchema,
  sessionSymbolParams,
} from './schemas.ts';
import { sessionBars, SESSION_BARS_MAX } from './session-bars.ts';

const reads = { method: 'GET', permission: 'sessions:read', tag: 'charts' } as const;

/** What charts draw of a session. */
export function sessionChartRoutes(): Route[] {
  return [...curveRoutes(), ...barRoutes()];
}

const spanOf = ({ from, to }: { from?: string | undefined; to?: string | undefined }) => ({
  fromMs: momentOf(from) ?? -Infinity,
  toMs: momentOf(to) ?? Infinity,
});

function curveRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/sessions/:session/equity',
      summary: 'Equity and drawdown of a session minute by minute, beside buy and hold of its symbols',
      params: sessionParams,
      query: curveQuery,
      answers: { 200: equityCurveSchema },
      handle: async ({ params: { session: id }, query, context, identity }) => {
        requireVisible(identity!, id);
        const database = await context.database();
        const session = await chosenSession(database, id);
        const currency = (await currenciesOf(database.pool, [session])).get(id) ?? null;
        const curve = await equityCurve(database, session, { ...spanOf(query), points: query.points });
        return { session: id, currency, ...curve };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/sessions/:session/probability',
      summary: 'What the model of a session said of a symbol over time',
      params: sessionParams,
      query: probabilityQuery,
      answers: { 200: probabilityCurveSchema },
      handle: async ({ params: { session: id }, query: { symbol, points, ...span }, context, identity }) => {
        requireVisible(identity!, id);
        const database = await context.database();
        const session = await chosenSession(database, id);
        requireSymbol(session, symbol);
        const curve = await probabilityCurve(database, session, { symbol, points, ...spanOf(span) });
        return { session: id, symbol, ...curve };
      },
    }),
  ];
}

function barRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/sessions/:session/bars/:symbol',
      summary: 'Bars of a symbol as a session was given them live, by columns',
      params: sessionSymbolParams,
      query: sessionBarsQuery,
      answers: { 200: sessionBarsSchema },
      handle: async ({ params: { session: id, symbol }, query, context, identity }) => {
        requireVisible(identity!, id);
        const database = await context.database();
        const session = await chosenSession(database, id);
        const { timeframe, limit, last } = query;
        const range = { ...spanOf(query), limit, last };
        const found = await sessionBars(database, session, { symbol, timeframe }, range);
        const { bars, more, timeframe: own } = found;
        return { session: id, symbol, timeframe: own, ...barColumns(bars), more };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/sessions/:session/indicators/:symbol',
      summary: 'Features over bars that a session was given live, from the first of them on',
      params: sessionSymbolParams,
      query: sessionIndicatorsQuery,
      answers: { 200: sessionIndicatorsSchema },
      handle: async ({ params: { session: id, symbol }, query, context, identity }) => {
        requireVisible(identity!, id);
        const database = await context.database();
        const session = await chosenSession(database, id);
        const { features, timeframe, limit, last } = query;
        const range = { ...spanOf(query), limit, last };
        const all = { toMs: range.toMs, limit: SESSION_BARS_MAX, last: true };
        const found = await sessionBars(database, session, { symbol, timeframe }, all);
        const columns = indicatorColumns(found.bars, { features, timeframe: found.timeframe, hours: null }, range);
        return { session: id, symbol, timeframe: found.timeframe, ...columns };
      },
    }),
  ];
}
