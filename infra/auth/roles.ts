/** What may be done, by name. A route has exactly one of them, or is open. */
export const PERMISSIONS = [
  'sessions:read',
  'sessions:act',
  'sessions:emergency',
  'orders:place',
  'orders:cancel',
  'limits:change',
  'market:read',
  'research:read',
  'research:run',
  'alerts:read',
  'alerts:answer',
  'audit:read',
  'users:manage',
  'self',
  'logs:manage',
  'data:ingest',
  'models:promote',
  'system:read',
  'system:act',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ['admin', 'operator', 'trader', 'viewer', 'strategy'] as const;
export type Role = (typeof ROLES)[number];

const READS: readonly Permission[] = ['sessions:read', 'market:read', 'research:read', 'alerts:read', 'self'];

/** The one table of who may do what. A strategy is a program that trades sessions of its own. */
const TABLE: Readonly<Record<Role, readonly Permission[]>> = {
  admin: PERMISSIONS,
  operator: [
    ...READS,
    'sessions:act',
    'sessions:emergency',
    'orders:cancel',
    'limits:change',
    'alerts:answer',
    'research:run',
    'audit:read',
    'logs:manage',
    'data:ingest',
    'models:promote',
    'system:read',
    'system:act',
  ],
  trader: [
    ...READS,
    'sessions:act',
    'sessions:emergency',
    'orders:place',
    'orders:cancel',
    'alerts:answer',
    'research:run',
  ],
  viewer: READS,
  strategy: ['sessions:read', 'market:read', 'orders:place', 'orders:cancel', 'self'],
};

export function roleMay(role: Role, permission: Permission): boolean {
  return TABLE[role].includes(permission);
}

/** Whether one role may do all that another may. */
export function covers(role: Role, other: Role): boolean {
  return TABLE[other].every((permission) => roleMay(role, permission));
}

/** What a role may do, in the order of `PERMISSIONS`. */
export function permissionsOf(role: Role): readonly Permission[] {
  return PERMISSIONS.filter((permission) => roleMay(role, permission));
}
