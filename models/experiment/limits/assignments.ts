import { InputError } from '../../../infra/errors.ts';

/** `key=value` pairs; numbers become numbers. InputError for anything else or a repeated key. */
export function parseAssignments(pairs: readonly string[], option: string): Record<string, number | string | boolean> {
  const assigned = new Map<string, number | string | boolean>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const key = pair.slice(0, at);
    const text = pair.slice(at + 1);
    if (at < 1 || text.trim() === '') {
      throw new InputError(`${option} ${pair}: not of the form key=value.`, `Write it as ${option} key=value.`);
    }
    if (assigned.has(key)) throw new InputError(`${option}: ${key} is given twice.`, 'Keep one of them.');
    assigned.set(key, valueOf(text));
  }
  return Object.fromEntries(assigned);
}

function valueOf(text: string): number | string | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}
