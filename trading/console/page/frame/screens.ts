import type { Permission } from '../../../../infra/auth/roles.ts';
import type { IconName } from '../parts/icons.tsx';

export interface Screen {
  readonly path:
    | '/'
    | '/orders'
    | '/signals'
    | '/risk'
    | '/alerts'
    | '/audit'
    | '/users'
    | '/preferences'
    | '/strategies'
    | '/profile'
    | '/backtests'
    | '/market'
    | '/boards'
    | '/models'
    | '/data'
    | '/system';
  readonly title: string;
  readonly icon: IconName;
  readonly permission: Permission;
}

/** Every screen, as the menu and the palette list them: trading, research, the service, and one’s own. */
export const SCREENS: readonly Screen[] = [
  { path: '/', title: 'Overview', icon: 'overview', permission: 'sessions:read' },
  { path: '/orders', title: 'Positions and orders', icon: 'orders', permission: 'sessions:read' },
  { path: '/market', title: 'Market', icon: 'market', permission: 'sessions:read' },
  { path: '/signals', title: 'Signals', icon: 'signals', permission: 'sessions:read' },
  { path: '/risk', title: 'Risk', icon: 'limits', permission: 'sessions:read' },
  { path: '/strategies', title: 'Strategies', icon: 'strategies', permission: 'research:read' },
  { path: '/alerts', title: 'Alerts', icon: 'alerts', permission: 'alerts:read' },
  { path: '/boards', title: 'Boards', icon: 'boards', permission: 'sessions:read' },
  { path: '/backtests', title: 'Backtests', icon: 'backtests', permission: 'research:read' },
  { path: '/models', title: 'Models', icon: 'models', permission: 'research:read' },
  { path: '/data', title: 'Data', icon: 'data', permission: 'market:read' },
  { path: '/system', title: 'System', icon: 'system', permission: 'system:read' },
  { path: '/audit', title: 'Audit', icon: 'audit', permission: 'audit:read' },
  { path: '/users', title: 'Users and tokens', icon: 'users', permission: 'users:manage' },
  { path: '/preferences', title: 'Preferences', icon: 'settings', permission: 'self' },
  { path: '/profile', title: 'Profile', icon: 'person', permission: 'self' },
];
