import ts from 'typescript';

/** A place in a source file where SQL names a table. */
export interface NamedTable {
  /** The table; null where its name is put together at run time. */
  readonly table: string | null;
  readonly line: number;
  /** The statement may change the table, or what it is made of. */
  readonly writes: boolean;
}

/** Stands for `${...}` in the text of a template. */
const HOLE = '\u0000';

/** After these words of SQL comes the name of a table. */
const BEFORE_NAME =
  '(?:FROM|JOIN|INTO|UPDATE|TABLE|COPY|LOCK|TRUNCATE|REFERENCES|ONLY|USING|LIKE|OF|(?:INSERT|UPDATE|DELETE) ON)';
/** After these, a list of names; each may have an alias. */
const BEFORE_LIST = '(?:FROM|USING|TABLE|LOCK|TRUNCATE)\\s+(?:[\\w."]+(?:\\s+(?:AS\\s+)?\\w+)?\\s*,\\s*)+';
const SCHEMA = '(?:"?signalbox"?\\.)?"?';
/** SQL is written in capitals here; a text that begins like a statement in small letters is one all the same. */
const SMALL = '(?:select|insert\\s+into|update|delete\\s+from|with)\\s';
const WRITES = /\b(INSERT|UPDATE|DELETE\s+FROM|ALTER|CREATE|DROP|TRUNCATE|COPY\s+\S+[^]*FROM\s+STDIN)\b/i;
/** A name put together at run time, or joined on to the text. */
const UNKNOWN = `\\b(?:FROM|JOIN|INTO|UPDATE|TABLE|COPY|LOCK|ONLY)\\s+(?:${HOLE}|$)|\\bsignalbox"?\\."?(?:${HOLE}|$)`;

/**
 * The tables that the SQL in a source file names. Every string and template is looked at: a name counts after a word of
 * SQL that a table follows, behind the schema, in front of a list of columns at the beginning of a text (as `COPY` is
 * given it), and where it is the whole text and could be no ordinary word. Only texts count, comments do not.
 */
export function tablesInSql(source: string, tables: readonly string[]): NamedTable[] {
  const name = `(${tables.join('|')})`;
  const end = '(?![\\w.])';
  // Most files hold no SQL: a look at the whole saves taking them apart.
  const hints = [
    `\\b${BEFORE_NAME}\\s`,
    '\\bsignalbox"?\\.',
    `[\'"\`]\\s*${SMALL}`,
    `${name} \\(`,
    `\\b(?=[a-z]+_)${name}\\b`,
  ];
  if (!new RegExp(hints.join('|')).test(source)) return [];
  const patterns = [
    `\\b${BEFORE_NAME}\\s+(?:ONLY\\s+)?${SCHEMA}${name}${end}`,
    `(?<=\\b${BEFORE_LIST}${SCHEMA})${name}${end}`,
    `\\bsignalbox"?\\."?${name}\\b`,
    `^\\s*"?${name} \\(`,
    `^(?=[a-z]+_)${name}$`,
  ];
  const compile = (flags: string): RegExp[] => patterns.map((pattern) => new RegExp(pattern, flags));
  const [asWritten, inSmall, small] = [compile('g'), compile('gi'), new RegExp(`^\\s*${SMALL}`)];
  return textsOf(source).flatMap(({ text, line }) => {
    const isSmall = small.test(text);
    const matches = (isSmall ? inSmall : asWritten).flatMap((pattern) => [...text.matchAll(pattern)]);
    const named: (string | null)[] = [...new Set(matches.map((match) => match[1]!))];
    if (new RegExp(UNKNOWN, isSmall ? 'i' : '').test(text)) named.push(null);
    return named.map((table) => ({ table, line, writes: WRITES.test(text) }));
  });
}

function textsOf(source: string): { text: string; line: number }[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest);
  const texts: { text: string; line: number }[] = [];
  const visit = (node: ts.Node): void => {
    const text = ts.isStringLiteralLike(node)
      ? node.text
      : ts.isTemplateExpression(node)
        ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(HOLE)
        : undefined;
    if (text !== undefined) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      texts.push({ text, line: line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return texts;
}

/** Tables, sequences and views of a dumped schema, `CREATE` by `CREATE`. */
export function tablesOfSchema(schema: string): string[] {
  const created = schema.matchAll(/^CREATE (?:UNLOGGED )?(?:TABLE|SEQUENCE|VIEW|MATERIALIZED VIEW) "?(\w+)/gm);
  return Array.from(created, (match) => match[1]!);
}
