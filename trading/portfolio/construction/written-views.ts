import { suggest } from '../../../features/expressions/nearest-name.ts';
import { InputError } from '../../../infra/errors.ts';
import type { View } from './black-litterman.ts';

/** A view as it is written: symbols that are held, those that are sold against them, and what that returns a year. */
export interface WrittenView {
  readonly long: readonly string[];
  readonly short: readonly string[];
  readonly yearly: number;
  readonly confidence: number | undefined;
}

const FORM = 'Write AAPL: 0.1 @ 0.6; MSFT - JPM: 0.03, yearly returns as fractions, with @ and a confidence if wanted.';

/**
 * Views as they are written: `AAPL: 0.1 @ 0.6` (it returns 10 % a year, with a confidence of 0.6), `MSFT - JPM: 0.03`
 * (the first returns 3 % more), several with `;` between them. @throws InputError naming the one that cannot be read
 */
export function parseViews(text: string): WrittenView[] {
  const parts = text.split(';').map((part) => part.trim());
  return parts.filter((part) => part !== '').map(parseView);
}

function parseView(text: string): WrittenView {
  const found = /^([^:]+):\s*([-+.\deE]+)\s*(?:@\s*([.\d]+))?$/.exec(text);
  const fault = (): InputError => new InputError(`the view "${text}" cannot be read`, FORM);
  if (found === null) throw fault();
  const [left = '', right, ...more] = found[1]!.split(/\s-\s/);
  const symbols = (side: string): string[] => side.split('+').map((symbol) => symbol.trim());
  const [long, short] = [symbols(left), right === undefined ? [] : symbols(right)];
  const yearly = Number(found[2]);
  const confidence = found[3] === undefined ? undefined : Number(found[3]);
  if (more.length > 0 || [...long, ...short].includes('') || !Number.isFinite(yearly)) throw fault();
  if (confidence !== undefined && !(confidence >= 0 && confidence <= 1)) {
    throw new InputError(`the view "${text}" has a confidence of ${confidence}`, 'Give 0 to 1.');
  }
  return { long, short, yearly, confidence };
}

/** @throws InputError with the nearest name for a symbol that there is not */
export function requireViewed(views: readonly WrittenView[], symbols: readonly string[]): void {
  for (const { long, short } of views) {
    const strange = [...long, ...short].find((symbol) => !symbols.includes(symbol));
    if (strange !== undefined) {
      throw new InputError(`a view is of ${strange}, which there are no bars of`, suggest(strange, [...symbols]));
    }
  }
}

/** The views of which all symbols are among `symbols`, per bar where a year has `barsPerYear`. */
export function viewsPerBar(views: readonly WrittenView[], symbols: readonly string[], barsPerYear: number): View[] {
  const known = views.filter(({ long, short }) => [...long, ...short].every((symbol) => symbols.includes(symbol)));
  return known.map(({ long, short, yearly, confidence }) => {
    const weights = new Float64Array(symbols.length);
    for (const symbol of long) weights[symbols.indexOf(symbol)]! += 1 / long.length;
    for (const symbol of short) weights[symbols.indexOf(symbol)]! -= 1 / short.length;
    return { weights, expected: yearly / barsPerYear, confidence };
  });
}
