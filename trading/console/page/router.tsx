import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Frame } from './frame/frame.tsx';
import { NoSuchPage } from './frame/no-such-page.tsx';

/** What stands in the address of every page: a link leads to the same session at somebody else's. */
interface PageSearch {
  readonly session?: string | undefined;
  /** Of the market: symbol, timeframe, one beside it, and whose bars. */
  readonly symbol?: string | undefined;
  readonly timeframe?: string | undefined;
  readonly beside?: string | undefined;
  readonly bars?: 'store' | 'until' | 'session' | undefined;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function validateSearch(asked: Record<string, unknown>): PageSearch {
  const [session, symbol, timeframe, beside] = [asked['session'], asked['symbol'], asked['timeframe'], asked['beside']];
  const bars = (['store', 'until', 'session'] as const).find((one) => one === asked['bars']);
  const found = {
    session: text(session),
    symbol: text(symbol),
    timeframe: text(timeframe),
    beside: text(beside),
    bars,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NoSuchPage,
  validateSearch,
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
    '/strategies',
    lazyRouteComponent(() => import('./strategies/strategies-page.tsx'), 'StrategiesPage'),
  ),
  page(
    '/strategies/$strategy',
    lazyRouteComponent(() => import('./strategies/strategy-page.tsx'), 'StrategyPage'),
  ),
  page(
    '/new-strategy',
    lazyRouteComponent(() => import('./strategies/keep-strategy.tsx'), 'NewStrategyPage'),
  ),
  page(
    '/profile',
    lazyRouteComponent(() => import('./profile/profile-page.tsx'), 'ProfilePage'),
  ),
  page(
    '/backtests',
    lazyRouteComponent(() => import('./backtests/runs-page.tsx'), 'RunsPage'),
  ),
  page(
    '/backtests/$run',
    lazyRouteComponent(() => import('./backtests/run-page.tsx'), 'RunPage'),
  ),
  createRoute({
    getParentRoute: () => root,
    path: '/backtests/compare',
    component: lazyRouteComponent(() => import('./backtests/compare-page.tsx'), 'ComparePage'),
    // A link leads to the same comparison at somebody else's.
    validateSearch: ({ ids }: Record<string, unknown>): { ids?: string } => (typeof ids === 'string' ? { ids } : {}),
  }),
  page(
    '/market',
    lazyRouteComponent(() => import('./market/market-page.tsx'), 'MarketPage'),
  ),
  page(
    '/boards',
    lazyRouteComponent(() => import('./boards/boards-page.tsx'), 'BoardsPage'),
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
