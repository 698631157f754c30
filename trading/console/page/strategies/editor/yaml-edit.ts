import { isMap, isScalar, parseDocument, stringify, type Document } from 'yaml';

export type Path = readonly (string | number)[];

/** A text as a form sees it: its value, or null where it is no YAML that can be read. */
interface ReadYaml {
  readonly value: unknown;
  readonly isBroken: boolean;
}

const OUT = { lineWidth: 0, flowCollectionPadding: true } as const;

export function readYaml(text: string): ReadYaml {
  const document = parseDocument(text, { logLevel: 'error' });
  if (document.errors.length > 0) return { value: null, isBroken: true };
  try {
    return { value: document.toJS() as unknown, isBroken: false };
  } catch {
    // An alias without an anchor.
    return { value: null, isBroken: true };
  }
}

/** What a text holds at a path; undefined where it has no such key. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string | number, unknown>)[key] : undefined,
    value,
  );
}

/**
 * The text with another value at `path`; undefined takes the key away, with sections that are empty then. What is not
 * meant stays as it was written, with its comments. A text that cannot be read stays as it is.
 */
export function withValue(text: string, path: Path, value: unknown): string {
  const document = parseDocument(text, { logLevel: 'error' });
  if (document.errors.length > 0) return text;
  if (value === undefined) return withoutKey(document, path);
  const inPlace = replacedScalar(text, document, path, value);
  if (inPlace !== null) return inPlace;
  if (!isMap(document.contents) && path.length > 0) document.contents = document.createNode({}) as never;
  // Where a section is empty (`sizing:`), its key is there and nothing can be put into it.
  const empty = path.findIndex((_, at) => at > 0 && isEmpty(document, path.slice(0, at)));
  if (empty > 0) document.setIn(path.slice(0, empty), document.createNode(nested(path.slice(empty), value)));
  else document.setIn(path, document.createNode(value));
  return document.toString(OUT);
}

function withoutKey(document: Document.Parsed, path: Path): string {
  if (!document.hasIn(path)) return document.toString(OUT);
  document.deleteIn(path);
  const parent = path.slice(0, -1);
  const left: unknown = parent.length === 0 ? null : document.getIn(parent);
  if (isMap(left) && left.items.length === 0 && typeof parent.at(-1) === 'string') return withoutKey(document, parent);
  return document.toString(OUT);
}

/** One plain value in place of another: not a sign beside it changes. Null where that is not what is asked. */
function replacedScalar(text: string, document: Document.Parsed, path: Path, value: unknown): string | null {
  if (typeof value === 'object' && value !== null) return null;
  const node: unknown = document.getIn(path, true);
  if (!isScalar(node) || node.range === null || node.range === undefined || node.range[0] === node.range[1])
    return null;
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') return null;
  // As it is written inside brackets: that is right elsewhere, too.
  const written = stringify([value], { ...OUT, collectionStyle: 'flow' })
    .trim()
    .slice(1, -1)
    .trim();
  return text.slice(0, node.range[0]) + written + text.slice(node.range[1]);
}

function isEmpty(document: Document.Parsed, path: Path): boolean {
  if (!document.hasIn(path)) return false;
  const found: unknown = document.getIn(path, true);
  return found === null || (isScalar(found) && found.value === null);
}

function nested(path: Path, value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

/** A path as mistakes have it: `estimators[0].trees`. */
export function keyOf(path: Path): string {
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${part}`)).join('');
}
