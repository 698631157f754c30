import type { Random } from '../../../infra/random.ts';

/** Pieces that mean something to one of the formats, or too much of something. */
const PIECES = [
  ...[
    '',
    '"',
    '""',
    "'",
    ',',
    ',,,,',
    ':',
    '\n',
    '\r',
    '\r\n',
    '\t',
    '\0',
    '\u2028',
    '\uFEFF',
    '\uD800',
    ' '.repeat(300),
  ],
  ...['NaN', 'Infinity', '-0', '-1', '0', '1e999', '1e-999', '1e18', '2e18', '0x10', '9'.repeat(400), '0.'.repeat(50)],
  ...[
    'null',
    'true',
    '~',
    '[]',
    '{}',
    '[1]',
    '{a: 1}',
    '"a": 1',
    '__proto__',
    'constructor',
    'toString',
    'x'.repeat(5_000),
  ],
  ...['[', '{', '}', ']', '['.repeat(300), '{"a":'.repeat(300), '- ', '? ', ': ', '- '.repeat(200), '? '.repeat(200)],
  ...[
    '&a ',
    '*a',
    '&a [*a]',
    '<<: *a',
    '<<: {a: 1}',
    '!!binary x',
    '!!set {a}',
    '!<tag> x',
    '|',
    '>-',
    '%YAML 9.9',
    '---',
    '#',
  ],
  ...[
    '2020-02-30',
    '0001-01-01',
    '9999-12-31T23:59:59Z',
    '1577975400',
    '1577975400000',
    '1577975400000000',
    '20200102',
  ],
  ...['rsi(14)', `${'lag('.repeat(60)}close`, 'rsi(14)@1w', 'macd(12,26,9).signal', 'SPX', 'simulated-99999', 'all'],
];

const pieceFrom = (random: Random): string => PIECES[random.integer(PIECES.length)]!;

/** Breaks where a value begins or ends in CSV, YAML or JSON. */
const BREAKS = /[\n,:[\]{}"']/;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (!BREAKS.test(text[at]!)) continue;
    tokens.push(text.slice(from, at), text[at]!);
    from = at + 1;
  }
  tokens.push(text.slice(from));
  return tokens.filter((token) => token !== '');
}

type Alteration = (parts: string[], random: Random) => void;

const ALTERATIONS: readonly Alteration[] = [
  (parts, random) => (parts[random.integer(parts.length)] = pieceFrom(random)),
  (parts, random) => parts.splice(random.integer(parts.length), 0, pieceFrom(random)),
  (parts, random) => parts.splice(random.integer(parts.length), 1 + random.integer(5)),
  (parts, random) => {
    const from = random.integer(parts.length);
    parts.splice(random.integer(parts.length), 0, ...parts.slice(from, from + 1 + random.integer(20)));
  },
  (parts, random) => {
    const piece = pieceFrom(random);
    parts.splice(random.integer(parts.length), 0, piece.slice(0, 40).repeat(1 + random.integer(1_000)));
  },
  (parts, random) => {
    const [a, b] = [random.integer(parts.length), random.integer(parts.length)];
    [parts[a], parts[b]] = [parts[b]!, parts[a]!];
  },
];

/** The text with values, signs or lines replaced, added, left out, repeated or exchanged. */
export function alterText(text: string, random: Random): string {
  const parts = random.next() < 0.5 ? tokensOf(text) : text.split(/(?<=\n)/);
  for (let left = 1 + random.integer(4); left > 0; left--) {
    if (parts.length === 0) parts.push('');
    ALTERATIONS[random.integer(ALTERATIONS.length)]!(parts, random);
  }
  return parts.join('');
}

const VALUES: readonly unknown[] = [
  null,
  true,
  '',
  'x',
  0,
  -1,
  1e308,
  0.5,
  [],
  {},
  [[]],
  [null],
  { a: 1 },
  2 ** 53,
  'NaN',
];

/** The value with one of its parts, however deep, replaced, left out, or put within itself up to `depthMax` times. */
export function alterValue(value: unknown, random: Random, depthMax: number): unknown {
  const isInner = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  if (!isInner || random.next() < 0.1) {
    if (random.next() < 0.9) return VALUES[random.integer(VALUES.length)];
    let deep: unknown = value;
    for (let left = random.integer(depthMax); left > 0; left--) deep = random.next() < 0.5 ? [deep] : { a: deep };
    return deep;
  }
  const keys = Object.keys(value);
  const key = keys[random.integer(keys.length)]!;
  if (Array.isArray(value)) {
    return value.map((member: unknown, i) => (String(i) === key ? alterValue(member, random, depthMax) : member));
  }
  const { [key]: inner, ...rest } = value as Record<string, unknown>;
  return random.next() < 0.1 ? rest : { ...rest, [key]: alterValue(inner, random, depthMax) };
}
