import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../config.ts';
import { findAlertmanager } from '../../installed.ts';
import { findFreePort } from '../../postgres/embedded/free-port.ts';
import { guardedProgram, untilReady } from './guarded-program.ts';

/** A private Alertmanager for one suite. */
export class AlertmanagerServer {
  /** HOST:PORT. */
  readonly address: string;
  readonly #end: () => Promise<void>;

  private constructor(address: string, end: () => Promise<void>) {
    this.address = address;
    this.#end = end;
  }

  /** @param config the text of its configuration */
  static async start(config: string): Promise<AlertmanagerServer> {
    const programs = findAlertmanager(loadConfig().programPath);
    if (programs === null) throw new Error('No Alertmanager on PATH: guard it with describeWith("alertmanager").');
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-alertmanager-'));
    writeFileSync(join(folder, 'alertmanager.yaml'), config);
    const address = `127.0.0.1:${await findFreePort()}`;
    const child = guardedProgram(programs.alertmanager, [
      `--config.file=${join(folder, 'alertmanager.yaml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      // Alone: it looks for no others.
      '--cluster.listen-address=',
      '--log.level=warn',
    ]);
    const server = new AlertmanagerServer(address, async () => {
      await child.end();
      rmSync(folder, { recursive: true, force: true });
    });
    await untilReady('alertmanager', `http://${address}`);
    return server;
  }

  stop(): Promise<void> {
    return this.#end();
  }
}
