import { randomInt } from 'node:crypto';

/**
 * Marks our own colours, so that no text from outside can pass for one: further parameters of the escape sequence, made
 * up at each start.
 */
const SEAL = Array.from({ length: 4 }, () => String(randomInt(1000, 10_000))).join(';');

/**
 * Line ends, our own colours, and everything that moves a cursor, colours, rings, or turns the direction of writing.
 */
const CONTROL = new RegExp(
  String.raw`\r\n|\u001b\[(\d{1,2});${SEAL}m|[\0-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]`,
  'g',
);

/**
 * `text` as a terminal may show it: control characters and direction marks stand as `\u001b`, which is also what JSON
 * writes for them, so that a JSON document stays the same document. Line ends, tabs and our own colours (`paints`)
 * stay.
 */
export function terminalSafe(text: string): string {
  return text.replace(CONTROL, (found, color: string | undefined) => {
    if (found === '\r\n') return found;
    if (color !== undefined) return `\u001b[${color}m`;
    return `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** What gives a text one of our colours. */
export type Paint = (text: string) => string;

const STYLES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;

/** Our colours where `on`, plain texts otherwise. They are colours only once they have gone through `terminalSafe`. */
export function paints(on: boolean): Readonly<Record<keyof typeof STYLES, Paint>> {
  const paint =
    ([open, close]: readonly [number, number]): Paint =>
    (text) =>
      on ? `\u001b[${open};${SEAL}m${text}\u001b[${close};${SEAL}m` : text;
  const { bold, dim, red, green, yellow } = STYLES;
  return { bold: paint(bold), dim: paint(dim), red: paint(red), green: paint(green), yellow: paint(yellow) };
}
