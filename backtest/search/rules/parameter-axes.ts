import { InputError } from '../../../infra/errors.ts';

/** A parameter of a search and its values, in order: neighbours in the list are neighbours in the search. */
export interface ParameterAxis {
  readonly name: string;
  readonly values: readonly (number | string | boolean)[];
}

/** Values that one parameter may have. */
const VALUES_MAX = 10_000;
/** Digits that a value keeps. */
const DIGITS = 12;

/** The values of a parameter that its strategy declares. @throws InputError where it declares none */
export type DeclaredValues = (parameter: string) => readonly (number | string | boolean)[];

/**
 * `fast=5:50:5` (from, to, step: 1 where left out), `fast=5,10,20`, or `fast` alone for the values that the strategy's
 * file declares. InputError names the one that is wrong.
 */
export function parseAxes(texts: readonly string[], declared: DeclaredValues | null = null): ParameterAxis[] {
  if (texts.length === 0) {
    throw new InputError('There is nothing to search.', 'Give --range name=from:to:step, or --range name=a,b,c.');
  }
  const axes = texts.map((text) => axisOf(text, declared));
  const twice = axes.find(({ name }, at) => axes.findIndex((other) => other.name === name) < at);
  if (twice !== undefined) throw new InputError(`--range: ${twice.name} is given twice.`, 'Keep one of them.');
  return axes;
}

function axisOf(text: string, declared: DeclaredValues | null): ParameterAxis {
  if (declared !== null && !text.includes('=') && text.trim() !== '') {
    return { name: text.trim(), values: declared(text.trim()) };
  }
  const at = text.indexOf('=');
  const name = text.slice(0, at).trim();
  const range = text.slice(at + 1).trim();
  if (at < 1 || name === '' || range === '') throw wrong(text, 'not of the form name=values');
  const values = range.includes(':') ? steps(text, range) : range.split(',').map((part) => valueOf(text, part.trim()));
  if (new Set(values).size !== values.length) throw wrong(text, 'a value is given twice');
  return { name, values };
}

function steps(text: string, range: string): number[] {
  const numbers = range.split(':').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [from, to, step = 1] = numbers;
  if (numbers.length > 3 || !numbers.every(Number.isFinite) || from === undefined || to === undefined) {
    throw wrong(text, 'from, to and step are not numbers');
  }
  if (!(step > 0)) throw wrong(text, 'the step is not above 0');
  if (to < from) throw wrong(text, 'it ends before it begins');
  return steppedValues({ from, to, step }, (why) => wrong(text, `it ${why}`));
}

/** From one value to another, both included where a step meets them. @throws what `refused` makes of too many */
export function steppedValues(
  { from, to, step }: { readonly from: number; readonly to: number; readonly step: number },
  refused: (why: string) => InputError,
): number[] {
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > VALUES_MAX) throw refused(`has ${count} values, and ${VALUES_MAX} are the most`);
  return Array.from({ length: count }, (_, at) => rounded(from + at * step));
}

/** Without the last digits, which arithmetic left: 1 + 2 x 0.1 is 1.2 and not 1.2000000000000002. */
export const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

function valueOf(text: string, part: string): number | string | boolean {
  if (part === '') throw wrong(text, 'a value is empty');
  if (part === 'true' || part === 'false') return part === 'true';
  const number = Number(part);
  return Number.isNaN(number) ? part : number;
}

const wrong = (text: string, why: string): InputError =>
  new InputError(`--range ${text}: ${why}.`, 'Write it as --range name=from:to:step, or --range name=a,b,c.');
