import type { RequestFault } from '../stand-in-faults.ts';

/** Refusals that a proxy, a gateway or a firewall gives as well as a venue does. */
const STATUSES = [400, 401, 403, 404, 407, 408, 409, 413, 418, 421, 422, 429, 451];

/** Pages of servers in between, and errors in a shape of their own. */
const BODIES: readonly (readonly [string, string])[] = [
  ['a page', '<!doctype html><html><body>access denied</body></html>'],
  ['nothing', ''],
  ['an error of a gateway', '{"code":403,"msg":"denied","message":"denied"}'],
  ['a word of JSON', '"denied"'],
  ['null', 'null'],
  ['a message alone', '{"msg":"forbidden.","message":"forbidden."}'],
  ['codes alone', '{"code":-2010}'],
  ['a code in words', '{"code":"40310000","msg":"insufficient balance","message":"insufficient balance"}'],
];

/** What was asked is done, and a server in between answers in the venue's place. */
export const FOREIGN: readonly (readonly [string, RequestFault])[] = STATUSES.flatMap((status) =>
  BODIES.map(
    ([what, body]) => [`${what} with ${status}`, { kind: 'altered', status, by: () => body, retryAfter: '0' }] as const,
  ),
);
