import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../infra/clock.ts';
import { privateFolder } from '../../infra/files/private-folder.ts';
import { readPanelFile, writePanelFile, type PanelMatrix } from './panel-file.ts';

/** What a folder may hold: the panels that were not asked for the longest go first. */
const PANEL_BYTES_MAX = 4 * 2 ** 30;

/**
 * Panels that were computed before, below the data folder, by the hash of all that they follow from: what is there is
 * right for ever.
 */
export class PanelFolder {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #bytesMax: number;

  constructor(dataDir: string, clock: Clock, bytesMax = PANEL_BYTES_MAX) {
    this.#folder = privateFolder(dataDir, 'panels');
    this.#clock = clock;
    this.#bytesMax = bytesMax;
  }

  /** Null where the panel is not there; one that was damaged is removed. */
  async find(hash: string): Promise<PanelMatrix[] | null> {
    const path = this.#pathOf(hash);
    const matrices = readPanelFile(path);
    const now = new Date(this.#clock());
    if (matrices === null) await rm(path, { force: true });
    // Another process may have made room meanwhile.
    else await utimes(path, now, now).catch(() => undefined);
    return matrices;
  }

  /** Keeps a panel. One that is larger than the whole folder may be is not kept. */
  async keep(hash: string, matrices: readonly PanelMatrix[]): Promise<void> {
    const bytes = matrices.reduce(
      (sum, { values, closeTimeMs }) => sum + values.byteLength + 2 * closeTimeMs.byteLength,
      0,
    );
    if (bytes > this.#bytesMax) return;
    await this.#makeRoom(bytes);
    await writePanelFile(this.#pathOf(hash), matrices);
  }

  async #makeRoom(bytes: number): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.panel'));
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        const found = await stat(path).catch(() => null);
        return { path, bytes: found?.size ?? 0, usedMs: found?.mtimeMs ?? 0 };
      }),
    );
    let held = files.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of files.sort((a, b) => a.usedMs - b.usedMs)) {
      if (held + bytes <= this.#bytesMax) return;
      await rm(file.path, { force: true });
      held -= file.bytes;
    }
  }

  #pathOf(hash: string): string {
    return join(this.#folder, `${hash}.panel`);
  }
}
