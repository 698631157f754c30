import { createContext, useContext } from 'react';

/** What a number or a moment that is not there looks like. */
const NOTHING = '–';

/** Numbers and times as a user reads them. */
export class Formats {
  readonly locale: string;
  readonly timeZone: string;
  readonly #clock: Intl.DateTimeFormat;
  readonly #moment: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #numbers = new Map<string, Intl.NumberFormat>();

  constructor(locale: string, timeZone: string) {
    this.locale = locale;
    this.timeZone = timeZone;
    const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone } as const;
    this.#clock = new Intl.DateTimeFormat(locale, time);
    this.#day = new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'short', day: 'numeric', timeZone });
    this.#moment = new Intl.DateTimeFormat(locale, { year: 'numeric', month: '2-digit', day: '2-digit', ...time });
  }

  /** A number with so many decimals. */
  number(value: number | null | undefined, decimals = 2, more: Intl.NumberFormatOptions = {}): string {
    if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
    return this.#format(decimals, decimals, more).format(value);
  }

  /** Money, with its sign where it is a profit. */
  money(value: number | null | undefined): string {
    return this.number(value, 2);
  }

  profit(value: number | null | undefined): string {
    return this.number(value, 2, { signDisplay: 'exceptZero' });
  }

  /** A quantity or price: as many decimals as it has, to a limit. */
  exact(value: number | null | undefined, decimalsMax = 8): string {
    if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
    return this.#format(0, decimalsMax, {}).format(value);
  }

  price(value: number | null | undefined): string {
    if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
    return this.#format(2, Math.abs(value) < 10 ? 6 : 4, {}).format(value);
  }

  /** A share of one as per cent. */
  percent(share: number | null | undefined, decimals = 1, signed = false): string {
    return this.number(share, decimals, { style: 'percent', ...(signed ? { signDisplay: 'exceptZero' } : {}) });
  }

  moment(iso: string | number | null | undefined): string {
    return iso === null || iso === undefined ? NOTHING : this.#moment.format(new Date(iso));
  }

  day(atMs: number): string {
    return this.#day.format(atMs);
  }

  clock(atMs: number): string {
    return this.#clock.format(atMs);
  }

  #format(least: number, most: number, more: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = `${least} ${most} ${JSON.stringify(more)}`;
    const made =
      this.#numbers.get(key) ??
      new Intl.NumberFormat(this.locale, { minimumFractionDigits: least, maximumFractionDigits: most, ...more });
    this.#numbers.set(key, made);
    return made;
  }
}

/** How long ago something was, short. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3_600) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A number of bytes, short, in powers of 1,000. */
export function bytesText(bytes: number): string {
  let power = 0;
  while (power < UNITS.length - 1 && bytes >= 1_000 ** (power + 1)) power++;
  return `${(bytes / 1_000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]!}`;
}

/** The browser's own locale and zone, until a user says otherwise. */
export const ownLocale = (): string => navigator.language;
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export const FormatsContext = createContext<Formats | null>(null);

export function useFormats(): Formats {
  const formats = useContext(FormatsContext);
  if (formats === null) throw new Error('Formats are given at the root of the page.');
  return formats;
}
