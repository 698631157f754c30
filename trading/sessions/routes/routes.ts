import type { Route } from '../../../infra/http/route.ts';
import { sessionChartRoutes } from '../charts/routes.ts';
import { actionRoutes } from './action-routes.ts';
import { lookRoutes } from './look-routes.ts';
import { orderRoutes } from './order-routes.ts';
import { riskRoutes } from './risk-routes.ts';

/** Routes over sessions: looks, words to them, their limits. */
export function sessionsRoutes(): Route[] {
  return [...lookRoutes(), ...orderRoutes(), ...actionRoutes(), ...riskRoutes(), ...sessionChartRoutes()];
}
