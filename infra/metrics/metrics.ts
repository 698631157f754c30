import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { loggedLines } from '../logging/log.ts';
import { programVersion } from '../program-version.ts';

/** What a process is: it is said once, by an info metric, and is a label of nothing else. */
export type ProcessRole = 'session' | 'worker' | 'service';

/** Every name begins with it. */
const PREFIX = 'signalbox_';

/** A decision takes less than a millisecond, a venue may take seconds. */
const SECONDS = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A metric's name without the prefix, what it tells, and the names of its labels. */
interface Named {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/**
 * The metrics of one process. Labels have values of closed lists only: what there may be any number of (symbols,
 * orders, sessions of the past) is none, for a server that scrapes keeps a series for each value for ever.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #failures: Counter;

  constructor(role: ProcessRole) {
    collectDefaultMetrics({ register: this.registry, prefix: PREFIX });
    this.#failures = this.counter({
      name: 'collect_failures_total',
      help: 'Metrics that could not be told when they were asked for, by name',
      labels: ['metric'],
    });
    this.tally({ name: 'log_lines_total', help: 'Lines of the log by level', labels: ['level'] }, loggedLines);
    const help = 'What the process is: always 1';
    const info = this.gauge({ name: 'process_info', help, labels: ['role', 'version', 'node'] });
    info.set({ role, version: programVersion(), node: process.versions.node }, 1);
  }

  /** The text that a scrape is given, and its type. */
  async exposition(): Promise<{ readonly type: string; readonly text: string }> {
    return { type: this.registry.contentType, text: await this.registry.metrics() };
  }

  counter({ name, help, labels = [] }: Named): Counter {
    return new Counter({ name: PREFIX + name, help, labelNames: labels, registers: [this.registry] });
  }

  /** @param collect sets it when it is asked for; one that fails keeps no other from being told */
  gauge({ name, help, labels = [] }: Named, collect?: (gauge: Gauge) => void | Promise<void>): Gauge {
    const failed = (): void => this.#failures.inc({ metric: name });
    const asked = collect === undefined ? {} : { collect: collectWith(collect, failed) };
    return new Gauge({ name: PREFIX + name, help, labelNames: labels, registers: [this.registry], ...asked });
  }

  /** Of durations in seconds. */
  histogram({ name, help, labels = [] }: Named): Histogram {
    return new Histogram({
      name: PREFIX + name,
      help,
      labelNames: labels,
      buckets: SECONDS,
      registers: [this.registry],
    });
  }

  /** A counter of plain numbers that are counted elsewhere, by the value of its one label, and read when asked for. */
  tally({ name, help, labels = [] }: Named, counts: ReadonlyMap<string, number>): void {
    new Counter({
      name: PREFIX + name,
      help,
      labelNames: labels,
      registers: [this.registry],
      collect() {
        this.reset();
        const [label] = labels;
        for (const [value, count] of counts) {
          if (label === undefined) this.inc(count);
          else this.inc({ [label]: value }, count);
        }
      },
    });
  }
}

/** The library hands a gauge to its `collect` as `this`. */
function collectWith(
  collect: (gauge: Gauge) => void | Promise<void>,
  failed: () => void,
): (this: Gauge) => Promise<void> {
  return async function (this: Gauge) {
    try {
      await collect(this);
    } catch {
      // What was true before is not told on: a series that ends is seen, one that stands still is not.
      this.reset();
      failed();
    }
  };
}
