import { EventEmitter } from 'node:events';

/** The other screen of a terminal, without a cursor and without wrapping; and back: what stood there is there again. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const CLEAR = '\u001b[2J';
/** What stands between is shown at once, where a terminal knows these; others leave them out. */
const [BEGIN, END] = ['\u001b[?2026h', '\u001b[?2026l'];
const COLOURS_OFF = '\u001b[0m';
const ERASE_REST = '\u001b[K';

type Terminal = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows' | 'on' | 'off'>;

/** Draws whole frames on a terminal by the lines that differ: what has not changed does not flicker. */
export class TopScreen extends EventEmitter {
  readonly isTTY = true;
  readonly #terminal: Terminal;
  #lines: readonly string[] = [];
  readonly #resized = (): void => {
    this.#lines = [];
    this.#terminal.write(CLEAR);
    this.emit('resize');
  };

  constructor(terminal: Terminal) {
    super();
    this.#terminal = terminal;
    terminal.on('resize', this.#resized);
    terminal.write(ENTER);
  }

  get columns(): number {
    return this.#terminal.columns;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  /** Takes a frame. Bound: whoever draws is handed it. */
  readonly write = (frame: string): boolean => {
    const lines = frame.split('\n').slice(0, this.rows);
    const changed = Array.from({ length: Math.max(lines.length, this.#lines.length) }, (_, at) => {
      const line = lines[at] ?? '';
      return line === this.#lines[at] ? '' : `\u001b[${at + 1};1H${line}${COLOURS_OFF}${ERASE_REST}`;
    }).join('');
    this.#lines = lines;
    return changed === '' ? true : this.#terminal.write(`${BEGIN}${changed}${END}`);
  };

  end(): void {
    this.#terminal.off('resize', this.#resized);
    this.#terminal.write(LEAVE);
  }
}
