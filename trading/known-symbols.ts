import { InputError } from '../infra/errors.ts';

/** @throws InputError that names `key` where it speaks of a symbol that the session does not trade. */
export function requireKnownSymbols(traded: readonly string[], named: readonly string[], key: string): void {
  const unknown = named.find((symbol) => !traded.includes(symbol));
  if (unknown === undefined) return;
  const list = traded.length > 12 ? `${traded.slice(0, 12).join(', ')}, ...` : traded.join(', ');
  throw new InputError(`${key}: ${unknown} is no symbol of the session`, `It trades ${list}.`);
}
