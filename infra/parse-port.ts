import { InputError } from './errors.ts';

/** The port that `--port` names. InputError for anything but a whole number from 1 to 65535. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new InputError(`--port ${text} is not a port.`, 'Give a number from 1 to 65535.');
}
