import { wordsBetween } from '../files/words-between.ts';

/** As the specification of OpenTelemetry has it: values are encoded like parts of a URL. Null for what is none. */
export function parseHeaders(text: string): Record<string, string> | null {
  const pairs = wordsBetween(text, ',').map((word) => /^([^=\s]+)\s*=(.*)$/.exec(word));
  if (!pairs.every((pair) => pair !== null)) return null;
  try {
    return Object.fromEntries(pairs.map(([, name, value]) => [name!, decodeURIComponent(value!.trim())]));
  } catch {
    // A bare percent sign is no encoding.
    return null;
  }
}
