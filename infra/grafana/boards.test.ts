import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../config.ts';
import { packageRoot } from '../package-root.ts';
import { boardFiles } from './board-files.ts';
import { placed } from './board.ts';
import { BOARDS } from './boards.ts';
import { expandProm, expandSql, type QueryScope } from './expand-query.ts';

const HERE = `${packageRoot()}/infra/grafana/`;
const panels = BOARDS.flatMap((board) => placed(board).flatMap((row) => row.panels.map((one) => ({ board, ...one }))));

interface GrafanaPanel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: { x: number; y: number; w: number; h: number };
  readonly fieldConfig?: { defaults: { unit?: string; thresholds?: { steps: { value: number | null }[] } } };
  readonly targets?: { refId: string; datasource: { uid: string }; expr?: string; rawSql?: string }[];
}

describe('the boards', () => {
  it('stand in the files as they are defined (npm run boards)', () => {
    for (const [path, text] of boardFiles()) expect(readFileSync(HERE + path, 'utf8'), path).toBe(text);
  });

  it('have panels that lie beside each other, each with words, a unit and something to show', () => {
    expect(panels.length).toBeGreaterThan(40);
    for (const board of BOARDS) {
      const cells = new Set<string>();
      for (const { panel, at } of placed(board).flatMap((row) => row.panels)) {
        expect(at.x + at.w, panel.title).toBeLessThanOrEqual(24);
        for (let x = at.x; x < at.x + at.w; x++)
          for (let y = at.y; y < at.y + at.h; y++) {
            expect(cells.has(`${x} ${y}`), `${board.title}: ${panel.title}`).toBe(false);
            cells.add(`${x} ${y}`);
          }
        expect(panel.about, panel.title).toMatch(/^\S.{10,}\.$/);
        expect(panel.targets.length, panel.title).toBeGreaterThan(0);
      }
      const titles = board.rows.flatMap((row) => row.panels.map(({ title }) => title));
      expect(new Set(titles).size, board.title).toBe(titles.length);
    }
  });

  it('have thresholds that rise', () => {
    for (const { panel } of panels) {
      const from = (panel.thresholds ?? []).map((one) => one.from);
      expect(from, panel.title).toEqual([...from].sort((a, b) => a - b));
    }
  });

  it('name both sources as the provisioning file does, and give every query of Grafana a name', () => {
    const provisioned = parse(readFileSync(`${HERE}provisioning/datasources/signalbox.yaml`, 'utf8')) as {
      datasources: { uid: string }[];
    };
    const known = provisioned.datasources.map(({ uid }) => uid);
    expect(known).toHaveLength(2);
    for (const [path, text] of boardFiles()) {
      if (!path.startsWith('dashboards/')) continue;
      const { panels: shown } = JSON.parse(text) as { panels: GrafanaPanel[] };
      const real = shown.filter(({ type }) => type !== 'row');
      for (const { title, targets, fieldConfig } of real) {
        expect(fieldConfig?.defaults.unit, title).toBeTruthy();
        for (const { refId, datasource } of targets!) {
          expect(refId, title).toMatch(/^[A-Z]$/);
          expect(known, title).toContain(datasource.uid);
        }
        expect(new Set(targets!.map(({ refId }) => refId)).size).toBe(targets!.length);
      }
    }
  });

  it('hold no secret: the provisioning files take them from the environment', () => {
    loadConfig({ SIGNALBOX_BOARDS_PASSWORD: 'not-to-be-seen' });
    const text = readFileSync(`${HERE}provisioning/datasources/signalbox.yaml`, 'utf8');
    expect(text).toMatch(/password: \$\{SIGNALBOX_BOARDS_PASSWORD\}/);
  });
});

describe('a query of a board', () => {
  const scope: QueryScope = {
    from: new Date(0),
    to: new Date(60_000),
    intervalSeconds: 30,
    choices: { session: ["a'b", 'c.d'] },
  };

  it('has its range, groups and choices filled in, whatever a session is called', () => {
    expect(expandSql('WHERE $__timeFilter(time) AND id IN (${session:sqlstring})', scope)).toBe(
      `WHERE time BETWEEN '1970-01-01T00:00:00.000Z' AND '1970-01-01T00:01:00.000Z' AND id IN ('a''b', 'c.d')`,
    );
    expect(expandSql("SELECT $__timeGroupAlias(time, '1d')", scope)).toBe(
      `SELECT to_timestamp(floor(date_part('epoch', time) / 86400) * 86400) AS "time"`,
    );
    expect(expandProm('x{session=~"$session"}[$__rate_interval]', scope)).toBe(`x{session=~"a'b|c\\\\.d"}[120s]`);
  });

  it('that nothing was chosen for finds nothing in SQL and everything in PromQL', () => {
    const none = { ...scope, choices: {} };
    expect(expandSql('IN (${session:sqlstring})', none)).toBe('IN (NULL)');
    expect(expandProm('{session=~"$session"}', none)).toBe('{session=~".*"}');
  });
});
