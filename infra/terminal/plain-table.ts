import Table from 'cli-table3';

/** A column of a table: its heading, and whether it holds numbers, which stand to the right, or sentences. */
export type TableColumn = string | { readonly number: string } | { readonly words: string };

/** Columns of a terminal that sentences take in a table: what is longer goes on in the next line. */
const WORDS_MAX = 64;

/** Rows under their headings, ruled once, without colours. What is null stands as `-`. */
export function plainTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const table = new Table({
    head: columns.map(headingOf),
    colAligns: columns.map((column) => (typeof column === 'object' && 'number' in column ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) {
    table.push(
      row.map((cell, at) => {
        const text = cell === null || cell === '' ? '-' : String(cell);
        const column = columns[at];
        return typeof column === 'object' && 'words' in column ? folded(text) : text;
      }),
    );
  }
  return table.toString();
}

function headingOf(column: TableColumn): string {
  if (typeof column === 'string') return column;
  return 'number' in column ? column.number : column.words;
}

/** Lines of at most `WORDS_MAX` characters, broken at spaces, else after commas, else anywhere. */
function folded(text: string): string {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > WORDS_MAX) {
    const head = rest.slice(0, WORDS_MAX + 1);
    const at = Math.max(head.lastIndexOf(' '), head.slice(0, WORDS_MAX).lastIndexOf(',') + 1);
    const cut = at > WORDS_MAX / 2 ? at : WORDS_MAX;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, rest].join('\n');
}
