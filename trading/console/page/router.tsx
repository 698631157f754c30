import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Frame } from './frame/frame.tsx';
import { NoSuchPage } from './frame/no-such-page.tsx';

/** What stands in the address of every page: a link leads to the same session at somebody else's. */
interface PageSearch {
  readonly session?: string;
}

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NoSuchPage,
  validateSearch: ({ session }: Record<string, unknown>): PageSearch =>
    typeof session === 'string' && session !== '' ? { session } : {},
});
const page = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => root, path, component });

const tree = root.addChildren([
  page(
    '/',
    lazyRouteComponent(() => import('./overview/overview-page.tsx'), 'OverviewPage'),
  ),
  page(
    '/orders',
    lazyRouteComponent(() => import('./trading/trading-page.tsx'), 'TradingPage'),
  ),
  page(
    '/signals',
    lazyRouteComponent(() => import('./signals/signals-page.tsx'), 'SignalsPage'),
  ),
  page(
    '/risk',
    lazyRouteComponent(() => import('./risk/risk-page.tsx'), 'RiskPage'),
  ),
  page(
    '/alerts',
    lazyRouteComponent(() => import('./alerts/alerts-page.tsx'), 'AlertsPage'),
  ),
  page(
    '/audit',
    lazyRouteComponent(() => import('./admin/audit-page.tsx'), 'AuditPage'),
  ),
  page(
    '/users',
    lazyRouteComponent(() => import('./admin/users-page.tsx'), 'UsersPage'),
  ),
  page(
    '/preferences',
    lazyRouteComponent(() => import('./admin/preferences-page.tsx'), 'PreferencesPage'),
  ),
  page(
    '/models',
    lazyRouteComponent(() => import('./models/models-page.tsx'), 'ModelsPage'),
  ),
  page(
    '/data',
    lazyRouteComponent(() => import('./data/data-page.tsx'), 'DataPage'),
  ),
  page(
    '/system',
    lazyRouteComponent(() => import('./system/system-page.tsx'), 'SystemPage'),
  ),
]);

export const router = createRouter({ routeTree: tree, defaultPreload: 'intent' });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
