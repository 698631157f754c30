import { withControls } from './standard-streams.ts';

/** Cursor to the corner, and nothing below it. */
const CLEAR = '\u001b[H\u001b[J';

/** Empties the terminal that `stream` is, for what is shown in place of what was; nothing where it is none. */
export function clearScreen(stream: NodeJS.WriteStream): void {
  if (stream.isTTY) withControls(stream).write(CLEAR);
}
