const QUOTE = 0x22;

/** The cells of a record with quotes as RFC 4180 has them, or what is wrong with it, in words. */
export function quotedRecord(text: string, delimiter: string): string[] | string {
  const cells: string[] = [];
  const separator = delimiter.charCodeAt(0);
  for (let at = 0; ; at++) {
    if (text.charCodeAt(at) !== QUOTE) {
      const end = text.indexOf(delimiter, at);
      const cell = text.slice(at, end === -1 ? text.length : end);
      if (cell.includes('"')) return `a quote inside cell ${cells.length + 1}, which is not quoted`;
      cells.push(cell);
      if (end === -1) return cells;
      at = end;
      continue;
    }
    let end = text.indexOf('"', at + 1);
    while (end !== -1 && text.charCodeAt(end + 1) === QUOTE) end = text.indexOf('"', end + 2);
    if (end === -1) return `the quote of cell ${cells.length + 1} is not closed`;
    cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
    if (end + 1 === text.length) return cells;
    if (text.charCodeAt(end + 1) !== separator) return `text after the closing quote of cell ${cells.length}`;
    at = end + 1;
  }
}

/** The cells of a line; none of a blank one. Blanks count as one where they stand between cells. */
export function splitRecord(text: string, delimiter: string): string[] {
  if (text.trim() === '') return [];
  if (delimiter === ' ') return text.trim().split(/\s+/);
  if (!text.includes('"')) return text.split(delimiter);
  const record = quotedRecord(text, delimiter);
  return typeof record === 'string' ? text.split(delimiter) : record;
}
