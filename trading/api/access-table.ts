import { z } from 'zod';
import { ROLES, roleMay, type Permission, type Role } from '../../infra/auth/roles.ts';
import { rolesWithFactor } from '../../infra/auth/second-factor/second-factor-store.ts';
import { accessSchema } from '../../infra/auth/routes/schemas.ts';
import type { CommandOutput } from '../../infra/command.ts';
import { route, type Route } from '../../infra/http/route.ts';
import { plainTable } from '../../infra/terminal/plain-table.ts';
import { CHANNEL_PERMISSIONS } from './live/channels.ts';

/** Who may ask for one thing. */
export interface Access {
  readonly what: 'route' | 'channel';
  /** `GET /api/v1/orders`, or the name of a channel. */
  readonly name: string;
  /** `open` needs no token. */
  readonly permission: Permission | 'open';
  readonly roles: readonly Role[];
}

/** What stands outside of the folders' routes: a socket, and pages that everybody may see. */
const OTHERS: readonly Pick<Route, 'method' | 'path' | 'permission'>[] = [
  { method: 'GET', path: '/api/v1/ws', permission: 'self' },
  { method: 'GET', path: '/api/openapi.json', permission: 'open' },
];

/** The table of who may ask for what: every route and every channel of the socket, from what the service is made of. */
function accessTable(routes: readonly Route[]): Access[] {
  return [
    ...[...routes, ...OTHERS].map(({ method, path, permission }) => accessOf('route', `${method} ${path}`, permission)),
    ...CHANNEL_PERMISSIONS.map(({ channel, permission }) => accessOf('channel', channel, permission)),
  ];
}

function accessOf(what: Access['what'], name: string, permission: Permission | 'open'): Access {
  const roles = ROLES.filter((role) => permission === 'open' || roleMay(role, permission));
  return { what, name, permission, roles };
}

/** `users roles`: the table as text. */
export function accessOutput(routes: readonly Route[]): CommandOutput {
  const table = accessTable(routes);
  const rows = table.map(({ name, permission, roles }) => [
    name,
    permission,
    ...ROLES.map((role) => (roles.includes(role) ? 'yes' : '')),
  ]);
  return { value: { access: table }, text: () => plainTable(['route or channel', 'takes', ...ROLES], rows) };
}

/** The table over HTTP. @param routes every route of the service, itself too */
export function accessRoutes(routes: () => readonly Route[]): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/roles',
      permission: 'self',
      summary: 'Which role may ask for which route and channel',
      tag: 'users',
      answers: {
        200: z.object({
          access: z.array(accessSchema),
          secondFactor: z.array(z.enum(ROLES)).meta({ description: 'roles whose users need a second factor' }),
        }),
      },
      handle: async ({ context }) => ({
        access: accessTable(routes()),
        secondFactor: await rolesWithFactor((await context.database()).pool),
      }),
    }),
  ];
}
