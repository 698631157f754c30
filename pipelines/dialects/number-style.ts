import { InputError } from '../../infra/errors.ts';

// One way to match each text: an optional point between two runs of digits would try every place for it.
const PLAIN = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const DIGITS = /^[+-]?\d+(e[+-]?\d+)?$/i;

/** No number is longer; what is takes patterns long to refuse. */
const LENGTH_MAX = 400;

type Decimal = '.' | ',';

/** A currency before or after a number, in tables made for people. */
const CURRENCY = /^[$€£¥₹]\s*|\s*[$€£¥₹]$/g;
/** 1 234 567.89 and 1'234'567.89: blanks and apostrophes between groups of three. */
const SPACED = /^[+-]?\d{1,3}([\s\u00a0\u202f'’]\d{3})+([.,]\d*)?$/;

function undecorated(cell: string): string {
  const text = cell.replace(CURRENCY, '');
  return SPACED.test(text) ? text.replace(/[\s\u00a0\u202f'’]/g, '') : text;
}

const MULTIPLES: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, b: 1e9, t: 1e12 };

const GROUPED: Readonly<Record<Decimal, RegExp>> = {
  '.': /^[+-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d*)?$/,
  ',': /^[+-]?\d{1,3}(\.\d{3})+(,\d*)?$/,
};
const UNGROUPED: Readonly<Record<Decimal, RegExp>> = { '.': PLAIN, ',': /^[+-]?(\d+(,\d*)?|,\d+)(e[+-]?\d+)?$/i };

const ONE_GROUP = /^[+-]?\d{1,3}[.,]\d{3}$/;
const ANY = /^[+-]?[\d.,]+(e[+-]?\d+)?$/i;

/** The decimal sign that one number shows; undefined where it might be either or has none. */
function shownDecimal(text: string): Decimal | undefined {
  if (!ANY.test(text)) return undefined;
  const point = text.lastIndexOf('.');
  const comma = text.lastIndexOf(',');
  if (point !== -1 && comma !== -1) return point > comma ? '.' : ',';
  if ((point === -1 && comma === -1) || ONE_GROUP.test(text)) return undefined;
  const sign = point === -1 ? ',' : '.';
  // 1,234,567 has groups and no decimals.
  if (text.indexOf(sign) !== text.lastIndexOf(sign)) return sign === ',' ? '.' : ',';
  return sign;
}

/** The decimal sign that a user named. Throws InputError that names `key`. */
export function decimalNamed(text: string, key: string): Decimal {
  if (text === ',' || text === 'comma') return ',';
  if (text === '.' || text === 'point') return '.';
  throw new InputError(`${key}: ${JSON.stringify(text)} is no decimal sign.`, 'Use comma or point.');
}

/**
 * How a file writes numbers: one decimal sign for all of it, learned from the first number that shows it. A comma
 * before three digits may mean either, so it is refused until another number has told.
 */
export class NumberStyle {
  #decimal: Decimal | undefined;

  constructor(decimal?: Decimal) {
    this.#decimal = decimal;
  }

  /** The decimal sign; undefined while no number has shown one. */
  get decimal(): Decimal | undefined {
    return this.#decimal;
  }

  /** Takes the sign that most of these cells show. */
  learn(cells: Iterable<string>): void {
    if (this.#decimal !== undefined) return;
    const counts = { '.': 0, ',': 0 };
    let point = 0;
    let comma = 0;
    for (const cell of cells) {
      if (cell.length > LENGTH_MAX) continue;
      const text = undecorated(cell.trim()).replace(/[kmbt]$/i, '');
      const shown = shownDecimal(text);
      if (shown !== undefined) counts[shown]++;
      else if (ONE_GROUP.test(text) && text.includes(',')) comma++;
      else if (ONE_GROUP.test(text)) point++;
    }
    if (counts['.'] !== counts[',']) this.#decimal = counts[','] > counts['.'] ? ',' : '.';
    else if (point > 0 && comma === 0) this.#decimal = '.';
  }

  /** The number of a cell; NaN where it is none, or might be two. */
  read(cell: string): number {
    if (this.#decimal === '.' ? PLAIN.test(cell) : DIGITS.test(cell)) return Number(cell);
    return this.#readAny(cell.trim());
  }

  /** Whether a cell might be two different numbers. */
  isAmbiguous(cell: string): boolean {
    return (
      this.#decimal === undefined && cell.length <= LENGTH_MAX && /^[+-]?\d{1,3},\d{3}$/.test(undecorated(cell.trim()))
    );
  }

  #readAny(text: string): number {
    if (text.length > LENGTH_MAX) return NaN;
    if (this.#decimal !== ',' && PLAIN.test(text)) {
      if (text.includes('.')) this.#decimal = '.';
      return Number(text);
    }
    const bare = undecorated(text);
    const multiple = MULTIPLES[bare.slice(-1).toLowerCase()];
    const digits = multiple === undefined ? bare : bare.slice(0, -1);
    this.#decimal ??= shownDecimal(digits);
    const decimal = this.#decimal;
    if (decimal === undefined && !DIGITS.test(digits)) return NaN;
    const sign = decimal ?? '.';
    if (!UNGROUPED[sign].test(digits) && !GROUPED[sign].test(digits)) return NaN;
    const plain = sign === '.' ? digits.replaceAll(',', '') : digits.replaceAll('.', '').replace(',', '.');
    return multiple === undefined ? Number(plain) : Number((Number(plain) * multiple).toPrecision(15));
  }
}
