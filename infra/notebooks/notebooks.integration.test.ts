import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { packageRoot } from '../package-root.ts';
import { describeWith } from '../testing/requirements.ts';
import { executeNotebooks, notebookNames, type ExecuteOptions } from './execute-notebooks.ts';

interface Cell {
  cell_type: string;
  source: string | string[];
  execution_count: number | null;
  outputs?: { output_type: string; data?: Record<string, unknown>; ename?: string }[];
}

const cellsOf = (path: string): Cell[] => (JSON.parse(readFileSync(path, 'utf8')) as { cells: Cell[] }).cells;
const FOLDER = join(packageRoot(), 'notebooks');

describeWith('python', 'notebooks', () => {
  let home: string;
  let options: ExecuteOptions;
  beforeAll(() => {
    const { dataDir, programPath } = loadConfig();
    home = mkdtempSync(join(tmpdir(), 'signalbox-notebooks-'));
    // Open to the server's user, so that root's data lies inside and goes with the folder.
    chmodSync(home, 0o711);
    const variables = { SIGNALBOX_HOME: home, DATABASE_URL: '', REDIS_URL: '', MLFLOW_TRACKING_URI: '' };
    options = { variables, dataDir, programPath, onStage: () => undefined };
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it.each(notebookNames())('%s runs from the first cell to the last, with a plot and a table or text', async (name) => {
    const [executed] = await executeNotebooks([name], options);
    const code = cellsOf(executed!.notebook).filter(({ cell_type }) => cell_type === 'code');
    expect(code.length).toBeGreaterThan(2);
    const outputs = code.flatMap((cell) => cell.outputs ?? []);
    expect(outputs.filter(({ output_type }) => output_type === 'error')).toEqual([]);
    const plots = outputs.filter(({ data }) => data?.['image/svg+xml'] !== undefined);
    expect(plots.length).toBeGreaterThan(0);
    expect(outputs.some(({ output_type, data }) => output_type === 'stream' || data?.['text/html'] !== undefined)).toBe(
      true,
    );
    expect(readFileSync(executed!.page, 'utf8')).toMatch(/<svg|image\/svg\+xml/);
  });

  it('are committed without outputs', () => {
    for (const name of notebookNames()) {
      const cells = cellsOf(join(FOLDER, `${name}.ipynb`));
      expect(cells.flatMap((cell) => cell.outputs ?? [])).toEqual([]);
    }
  });

  it('a type error in a cell fails the run and is named', async () => {
    const [first] = notebookNames();
    const document = JSON.parse(readFileSync(join(FOLDER, `${first}.ipynb`), 'utf8')) as { cells: Cell[] };
    const wrong = "const bad: number = 'text';";
    const cells = [{ cell_type: 'code', id: 'wrong', metadata: {}, execution_count: null, outputs: [], source: wrong }];
    const path = join(FOLDER, 'mistyped.ipynb');
    writeFileSync(path, JSON.stringify({ ...document, cells }));
    try {
      await expect(executeNotebooks(['mistyped'], options)).rejects.toThrow(/not assignable to type 'number'/);
    } finally {
      rmSync(path);
    }
  });

  it('a name that does not exist is refused with those that do', async () => {
    await expect(executeNotebooks(['absent'], options)).rejects.toMatchObject({
      exitCode: 2,
      remedy: expect.stringContaining(notebookNames()[0]!),
    });
  });
});
