import { BOARDS } from './boards.ts';
import { placed } from './board.ts';
import { grafanaJson } from './grafana-json.ts';

/** Every file that is written from the definition of the boards, by its path in this folder. */
export function boardFiles(): ReadonlyMap<string, string> {
  const files = new Map(BOARDS.map((board) => [`dashboards/${board.id}.json`, grafanaJson(board)]));
  const boards = BOARDS.map((board) => ({ ...board, rows: placed(board) }));
  // For a page of our own: the same panels in the same places, with neutral units.
  return files.set('boards.json', `${JSON.stringify({ boards }, null, 2)}\n`);
}
