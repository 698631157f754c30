import { createBarColumns, type Bar, type BarColumns } from '../../../features/bar.ts';
import type { Random } from '../../../infra/random.ts';
import { VendorError } from '../../vendors/vendor-error.ts';
import type { ConnectOptions, HistoryReader, StreamConnection, StreamConnector } from '../stream-connection.ts';
import { STREAM_BAR_MS } from '../stream-connection.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** How often what goes wrong, as shares of the bars, connections or requests concerned. */
export interface VendorFaults {
  /** Bars never sent. */
  readonly skip: number;
  /** Bars sent a second time, up to three minutes later. */
  readonly repeat: number;
  /** Bars held up by up to two minutes. */
  readonly late: number;
  /** Bars after which the connection closes, and after which it stays open and says nothing more. */
  readonly close: number;
  readonly stall: number;
  /** Frames that mean nothing. */
  readonly garbage: number;
  /** Connections refused and requests of history that fail half way. */
  readonly refuse: number;
  readonly historyFailure: number;
}

export interface FaultyVendorOptions {
  /** Every minute there will be, ascending: what the vendor knows once it has closed. */
  readonly minutes: readonly BarColumns[];
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly faults: VendorFaults;
  /** After a bar's close, when history holds it. */
  readonly historyDelayMs: number;
}

/**
 * A vendor made up for tests: streams bars as the virtual clock passes their closes, with faults, and has a history.
 */
export class FaultyVendor implements StreamConnector, HistoryReader {
  readonly vendor = 'made-up';
  /** What was done to the feed. */
  readonly done = { skip: 0, repeat: 0, late: 0, close: 0, stall: 0, garbage: 0, refuse: 0, historyFailure: 0 };
  readonly #options: FaultyVendorOptions;
  #open: (ConnectOptions & { stalled: boolean }) | null = null;

  constructor(options: FaultyVendorOptions) {
    this.#options = options;
    for (const columns of options.minutes) {
      for (let row = 0; row < columns.length; row++) this.#schedule(columns, row);
    }
  }

  async connect(options: ConnectOptions): Promise<StreamConnection> {
    await this.#options.clock.sleep(this.#options.random.integer(2_000));
    if (this.#hit('refuse')) {
      throw new VendorError({ kind: 'unavailable', vendor: this.vendor, endpoint: 'stream', detail: 'made up' });
    }
    const open = { ...options, stalled: false };
    if (!options.signal.aborted) this.#open = open;
    return {
      close: () => {
        if (this.#open === open) this.#open = null;
      },
    };
  }

  async *minutes(symbol: string, fromMs: number, toMs: number): AsyncGenerator<BarColumns> {
    const { clock, random, historyDelayMs } = this.#options;
    const columns = this.#options.minutes.find((one) => one.symbol === symbol)!;
    const known = rowsWithin(columns, fromMs, Math.min(toMs, clock.now() - historyDelayMs - STREAM_BAR_MS + 1));
    const pageRows = 1 + random.integer(40);
    for (let at = 0; at < known.length; at += pageRows) {
      await clock.sleep(random.integer(1_500));
      if (this.#hit('historyFailure')) {
        throw new VendorError({ kind: 'unavailable', vendor: this.vendor, endpoint: 'bars', detail: 'made up' });
      }
      yield copyRows(columns, known.slice(at, at + pageRows));
    }
  }

  #schedule(columns: BarColumns, row: number): void {
    const { clock, random } = this.#options;
    const closeMs = columns.openTimeMs[row]! + STREAM_BAR_MS;
    const inMs = closeMs - clock.now();
    if (inMs < 0 || this.#hit('skip')) return;
    const late = this.#hit('late') ? random.integer(120_000) : 0;
    clock.after(inMs + random.integer(2_500) + late, () => this.#send(columns, row));
    if (this.#hit('repeat')) clock.after(inMs + random.integer(180_000), () => this.#send(columns, row));
  }

  #send(columns: BarColumns, row: number): void {
    const open = this.#open;
    if (open === null || open.stalled) return;
    const { closeTimeMs: _close, ...bar } = minuteAt(columns, row);
    open.onMessage({ kind: 'bar', bar: { symbol: columns.symbol, ...bar } });
    if (this.#hit('garbage')) open.onMessage({ kind: 'invalid', reason: 'made up' });
    if (this.#hit('stall')) open.stalled = true;
    else if (this.#hit('close')) {
      this.#open = null;
      open.onClose('made up');
    }
  }

  #hit(fault: keyof VendorFaults): boolean {
    const hit = this.#options.random.next() < this.#options.faults[fault];
    if (hit) this.done[fault] += 1;
    return hit;
  }
}

function minuteAt(columns: BarColumns, row: number): Bar {
  return {
    openTimeMs: columns.openTimeMs[row]!,
    closeTimeMs: columns.closeTimeMs[row]!,
    open: columns.open[row]!,
    high: columns.high[row]!,
    low: columns.low[row]!,
    close: columns.close[row]!,
    volume: columns.volume[row]!,
  };
}

function rowsWithin(columns: BarColumns, fromMs: number, toMs: number): number[] {
  const rows: number[] = [];
  for (let row = 0; row < columns.length; row++) {
    if (columns.openTimeMs[row]! >= fromMs && columns.openTimeMs[row]! < toMs) rows.push(row);
  }
  return rows;
}

function copyRows(columns: BarColumns, rows: readonly number[]): BarColumns {
  const copy = createBarColumns(columns.symbol, rows.length);
  for (const name of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
    rows.forEach((row, at) => (copy[name][at] = columns[name][row]!));
  }
  return copy;
}
