/** What makes a spreadsheet take a text for a formula, alone or after spaces; our own mark of such texts counts too. */
const FORMULA = /^[\s']*[=+\-@\t\r＝＋－＠]/;
const MARK = "'";

/**
 * A text as a cell of a CSV file that we write: quoted where RFC 4180 asks for it, and with an apostrophe before what
 * a spreadsheet would run as a formula (OWASP, "CSV Injection"). `unmarkedCell` takes it away again. Numbers are
 * written without this.
 */
export function csvCell(text: string): string {
  const marked = FORMULA.test(text) ? `${MARK}${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(marked) ? `"${marked.replaceAll('"', '""')}"` : marked;
}

/** The text that `csvCell` wrote, from the cell without its quotes. */
export function unmarkedCell(cell: string): string {
  return cell.startsWith(MARK) && FORMULA.test(cell) ? cell.slice(MARK.length) : cell;
}
