import { suggest } from '../../../features/expressions/nearest-name.ts';
import { InputError } from '../../../infra/errors.ts';
import type { GroupBounds } from './mean-variance.ts';

/** Symbols whose weights together stay within bounds, as they are written. */
export interface WrittenGroup {
  readonly text: string;
  readonly symbols: readonly string[];
  readonly least: number;
  readonly most: number;
}

/** What single weights may be, and what all add up to. */
interface Whole {
  readonly maxWeight: number;
  readonly invested: number;
}

const FORM = 'Write AAPL + MSFT: 0.1 to 0.4; JPM + BAC: to 0.3; XOM: from 0.05, shares of all.';

/**
 * Bounds of groups as they are written: `AAPL + MSFT: 0.1 to 0.4` (together 10 % to 40 %), `JPM: to 0.3`,
 * `XOM + CVX: from 0.05`, several with `;` between them. @throws InputError naming the one that cannot be read, a
 * symbol of two groups, and least weights that nothing of `invested` is left for
 */
export function parseGroups(text: string, { maxWeight, invested }: Whole): WrittenGroup[] {
  const parts = text.split(';').map((part) => part.trim());
  const groups = parts.filter((part) => part !== '').map(parseGroup);
  const all = groups.flatMap(({ symbols }) => symbols);
  const twice = all.find((symbol, at) => all.indexOf(symbol) < at);
  if (twice !== undefined) throw new InputError(`${twice} is of two groups`, 'Leave it in one.');
  for (const { text: written, symbols, least } of groups) {
    if (least > maxWeight * symbols.length)
      throw new InputError(
        `the group "${written}" cannot be ${least} of all: no weight is above ${maxWeight}`,
        'Raise maxWeight, or lower what the group has at least.',
      );
  }
  const least = groups.reduce((sum, group) => sum + group.least, 0);
  if (least > invested)
    throw new InputError(
      `groups have ${Number(least.toFixed(6))} of all at least, and ${invested} is invested`,
      'Lower what groups have at least, or raise invested.',
    );
  return groups;
}

function parseGroup(text: string): WrittenGroup {
  const found = /^([^:]+):\s*(?:from\s+)?([.\d]+)?\s*(?:to\s+([.\d]+))?$/.exec(text);
  const symbols = (found?.[1] ?? '').split('+').map((symbol) => symbol.trim());
  const [least, most] = [Number(found?.[2] ?? 0), Number(found?.[3] ?? 1)];
  const isRead = found !== null && !symbols.includes('') && (found[2] !== undefined || found[3] !== undefined);
  if (!isRead || !Number.isFinite(least) || !Number.isFinite(most))
    throw new InputError(`the group "${text}" cannot be read`, FORM);
  if (!(least <= most && most <= 1))
    throw new InputError(`the group "${text}" is from ${least} to ${most} of all`, 'Give 0 to 1, the least first.');
  return { text, symbols, least, most };
}

/** @throws InputError with the nearest name for a symbol that there is not */
export function requireGrouped(groups: readonly WrittenGroup[], symbols: readonly string[]): void {
  const strange = groups.flatMap((group) => group.symbols).find((symbol) => !symbols.includes(symbol));
  if (strange === undefined) return;
  throw new InputError(`a group has ${strange}, which there are no bars of`, suggest(strange, [...symbols]));
}

/**
 * The bounds of groups among `symbols`, of which some may not have bars enough yet: a group has no more at least than
 * its symbols may have. With what all weights add up to then, which is less than `invested` where groups and
 * `maxWeight` leave no room for it.
 */
export function groupsAmong(
  groups: readonly WrittenGroup[],
  symbols: readonly string[],
  { maxWeight, invested }: Whole,
): { readonly groups: readonly GroupBounds[]; readonly total: number } {
  const known = groups.flatMap(({ text: name, symbols: wanted, least, most }) => {
    const places = wanted.map((symbol) => symbols.indexOf(symbol)).filter((place) => place >= 0);
    const room = maxWeight * places.length;
    return places.length === 0 ? [] : [{ name, places, least: Math.min(least, room), most: Math.min(most, room) }];
  });
  const grouped = known.reduce((count, { places }) => count + places.length, 0);
  const room = known.reduce((sum, { most }) => sum + most, maxWeight * (symbols.length - grouped));
  return { groups: known, total: Math.min(invested, room) };
}
