import { alertRoutes } from './infra/alerts/routes.ts';
import { auditRoutes } from './infra/audit/routes.ts';
import { authRoutes } from './infra/auth/routes.ts';
import type { RouteCollection } from './trading/api/service.ts';
import { sessionsRoutes } from './trading/sessions/routes/routes.ts';

/** Every route of the service, as its folders have them. */
export const serviceRoutes: RouteCollection = (parts) => [
  ...authRoutes(parts),
  ...sessionsRoutes(),
  ...alertRoutes(),
  ...auditRoutes(),
];
