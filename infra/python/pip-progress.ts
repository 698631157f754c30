const UNITS: Readonly<Record<string, number>> = { bytes: 1e-6, kB: 1e-3, MB: 1, GB: 1000 };

/** How far `pip install` is, from the lines that it writes. */
export class PipProgress {
  #rest = '';
  #packages = 0;
  #megabytes = 0;
  #installing = 0;

  /** Takes what pip has written since the last time. */
  take(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n/);
    this.#rest = lines.pop()!;
    for (const line of lines) this.#takeLine(line);
  }

  #takeLine(line: string): void {
    const got = /^\s*(?:Downloading|Using cached|Processing) (\S+)(?: \(([\d.]+) (bytes|kB|MB|GB)\))?/.exec(line);
    if (got !== null && !got[1]!.endsWith('.metadata')) {
      this.#packages++;
      this.#megabytes += Number(got[2] ?? 0) * (UNITS[got[3] ?? 'MB'] ?? 0);
    }
    const installing = /^Installing collected packages: (.*)$/.exec(line);
    if (installing !== null) this.#installing = installing[1]!.split(',').length;
  }

  describe(): string {
    if (this.#installing > 0) return `unpacking ${count(this.#installing)} (${this.#megabytes.toFixed(0)} MB)`;
    if (this.#packages > 0) return `fetching package ${this.#packages} (${this.#megabytes.toFixed(0)} MB so far)`;
    return 'asking for the packages';
  }
}

const count = (packages: number): string => `${packages} ${packages === 1 ? 'package' : 'packages'}`;
