import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { maskSecrets } from '../logging/mask-secrets.ts';
import { withControls } from './standard-streams.ts';
import { terminalSafe } from './terminal-safe.ts';

/** Reports what long work is doing. Everything goes to standard error. */
export interface Progress {
  /** Opens a named stage, with the number of units to do where it is known. */
  stage(name: string, total?: number): Stage;
  /** One line that belongs to no stage. */
  note(text: string): void;
}

export interface Stage {
  /** Sets the number of units to do. */
  total(units: number): void;
  /** `units` more are done. */
  advance(units?: number): void;
  /** Ends the stage; `detail` says what came of it. */
  done(detail?: string): void;
}

/**
 * Tells a stage of work that counts from its own beginning: how far it is by now, in units. What falls back shows
 * nothing.
 */
export function progressTo(stage: Pick<Stage, 'advance'>): (done: number) => void {
  let shown = 0;
  return (done) => {
    if (done > shown) stage.advance(done - shown);
    shown = Math.max(shown, done);
  };
}

/** What progress is written to: `process.stderr`, or a stand-in with the same three members. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Without a terminal: the first line of a stage at once, then one every so often. */
const LINE_INTERVAL_MS = 10_000;

/** A full bar would claim that work of unknown size is done. */
const BAR_WITHOUT_TOTAL = '{name} {value} done  {rate}/s';

const BAR = '{name} [{bar}] {percentage}%  {value}/{total}  {rate}/s  {left}';

/** A progress that says nothing. */
export function silentProgress(): Progress {
  const nothing = (): void => undefined;
  return { stage: () => ({ total: nothing, advance: nothing, done: nothing }), note: nothing };
}

/** Bars with rate and time left on a terminal, lines otherwise. `now` is monotonic milliseconds. */
export function createProgress(
  output: ProgressOutput & NodeJS.WritableStream,
  now = (): number => performance.now(),
): Progress {
  return output.isTTY === true ? barProgress(output, now) : lineProgress(output, now);
}

/** Lines at sensible intervals, for logs and pipes. */
function lineProgress(output: ProgressOutput, now: () => number): Progress {
  const write = (text: string): unknown => output.write(`${text}\n`);
  return {
    note: (text) => void write(text),
    stage: (name, total) => {
      const counter = startCounter(now, total);
      let lastMs = now();
      write(name);
      return {
        total: counter.total,
        advance: (units = 1) => {
          counter.advance(units);
          if (now() - lastMs < LINE_INTERVAL_MS) return;
          lastMs = now();
          write(`${name}: ${counter.describe()}`);
        },
        done: (detail) => void write(doneLine(name, detail, counter)),
      };
    },
  };
}

function barProgress(output: NodeJS.WritableStream, now: () => number): Progress {
  const open = new Set<SingleBar>();
  let bars: MultiBar | null = null;
  // The bars move the cursor themselves, so that what they show must be safe before.
  const safe = (text: string): string => terminalSafe(maskSecrets(text));
  const print = (text: string): void => {
    if (bars === null) output.write(`${safe(text)}\n`);
    else {
      bars.log(`${safe(text)}\n`);
      bars.update();
    }
  };
  const openBar = (counter: Counter, fields: object): SingleBar => {
    bars ??= openBars(output);
    const bar = bars.create(counter.size(), 0, fields, counter.size() > 0 ? {} : { format: BAR_WITHOUT_TOTAL });
    open.add(bar);
    return bar;
  };
  const closeBar = (bar: SingleBar, line: string): void => {
    bars?.remove(bar);
    open.delete(bar);
    if (open.size === 0) {
      bars?.stop();
      bars = null;
    }
    print(line);
  };
  // A command that fails leaves its bars open; the terminal must not stay without cursor and line wrapping.
  process.once('exit', () => bars?.stop());
  return {
    note: print,
    stage: (name, total) => {
      const counter = startCounter(now, total);
      const fields = (): object => ({
        name: safe(name).replace(/\s+/g, ' ').padEnd(24),
        rate: short(counter.rate()),
        left: counter.left(),
      });
      const bar = openBar(counter, fields());
      return {
        total: (units) => {
          counter.total(units);
          bar.setTotal(units);
        },
        advance: (units = 1) => {
          counter.advance(units);
          bar.update(counter.count(), fields());
        },
        done: (detail) => {
          if (open.has(bar)) closeBar(bar, doneLine(name, detail, counter));
        },
      };
    },
  };
}

function openBars(output: NodeJS.WritableStream): MultiBar {
  const bars = new MultiBar(
    {
      format: BAR,
      stream: withControls(output),
      hideCursor: true,
      clearOnComplete: true,
      fps: 8,
      barsize: 24,
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  // The timer that redraws must not keep a process alive whose work has failed.
  bars.on('update-post', () => (bars as unknown as { timer: NodeJS.Timeout | null }).timer?.unref());
  return bars;
}

interface Counter {
  total(units: number): void;
  advance(units: number): void;
  count(): number;
  size(): number;
  /** Units per second since the start. */
  rate(): number;
  /** Time left as text, '' when it cannot be told. */
  left(): string;
  describe(): string;
  seconds(): number;
}

function startCounter(now: () => number, presetTotal = 0): Counter {
  const startMs = now();
  let size = presetTotal;
  let count = 0;
  const seconds = (): number => (now() - startMs) / 1000;
  const rate = (): number => (seconds() > 0 ? count / seconds() : 0);
  const left = (): string => {
    if (size <= count || rate() === 0) return '';
    return `${duration((size - count) / rate())} left`;
  };
  return {
    total: (units) => void (size = units),
    advance: (units) => void (count += units),
    count: () => count,
    size: () => size,
    rate,
    left,
    seconds,
    describe: () => {
      const share = size > 0 ? `${Math.floor((100 * count) / size)} % (${count} of ${size})` : String(count);
      return [share, `${short(rate())}/s`, left()].filter((part) => part !== '').join(', ');
    },
  };
}

function doneLine(name: string, detail: string | undefined, counter: Counter): string {
  const what = detail ?? (counter.count() > 0 ? `${counter.count()}, ${short(counter.rate())}/s` : 'done');
  return `${name}: ${what} (${duration(counter.seconds())})`;
}

/** `850 ms`, `4.2 s`, `3 min 05 s`, `2 h 10 min` */
function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Three significant figures with k and M. */
function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)}M`;
  if (value >= 1e3) return `${(value / 1e3).toPrecision(3)}k`;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
