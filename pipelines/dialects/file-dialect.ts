import type { Command } from 'commander';
import { InputError } from '../../infra/errors.ts';
import { parseColumnChoice, type ColumnChoice } from './column-choice.ts';
import { decimalNamed } from './number-style.ts';
import { timeFormatNamed, type TimeFormat } from './time-format.ts';
import { zoneNamed, type TimeZone } from './time-zone.ts';

/** What a user says of a bars file that it does not say itself, as written in flags or in `data` of an experiment. */
export interface DialectOptions {
  /** `time=0,open=1,...` or the same as a map. */
  readonly columns?: string | ColumnChoice | undefined;
  readonly timeFormat?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly timezone?: string | undefined;
  readonly decimal?: string | undefined;
}

/** The same, understood. What is absent the file has to show. */
export interface FileDialect {
  readonly columns?: ColumnChoice | undefined;
  readonly timeFormat?: TimeFormat | undefined;
  readonly delimiter?: string | undefined;
  readonly zone?: TimeZone | undefined;
  readonly decimal?: '.' | ',' | undefined;
}

const DELIMITERS: Readonly<Record<string, string>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  '\\t': '\t',
  pipe: '|',
  space: ' ',
};

function delimiterNamed(text: string, key: string): string {
  const named = Object.hasOwn(DELIMITERS, text) ? DELIMITERS[text] : undefined;
  const delimiter = named ?? text;
  if (delimiter.length === 1 && !/[\w"'.+\r\n-]/.test(delimiter)) return delimiter;
  throw new InputError(
    `${key}: ${JSON.stringify(text)} cannot stand between cells.`,
    `Use one character, or ${Object.keys(DELIMITERS)
      .filter((name) => /^\w/.test(name))
      .join(', ')}.`,
  );
}

/**
 * Understands what was said of a file. `keyOf` names an option in messages: `--time-format` or `data.timeFormat`.
 * Throws InputError.
 */
export function parseDialect(
  { columns, timeFormat, delimiter, timezone, decimal }: DialectOptions,
  keyOf: (name: keyof DialectOptions) => string = flagOf,
): FileDialect {
  return {
    columns: typeof columns === 'string' ? parseColumnChoice(columns, keyOf('columns')) : columns,
    timeFormat: timeFormat === undefined ? undefined : timeFormatNamed(timeFormat, keyOf('timeFormat')),
    delimiter: delimiter === undefined ? undefined : delimiterNamed(delimiter, keyOf('delimiter')),
    zone: timezone === undefined ? undefined : zoneNamed(timezone, keyOf('timezone')),
    decimal: decimal === undefined ? undefined : decimalNamed(decimal, keyOf('decimal')),
  };
}

/** The flag of an option: `timeFormat` is `--time-format`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Adds the flags that say what a file cannot. */
export function addDialectOptions(command: Command): Command {
  return command
    .option('--columns <LIST>', 'where a file holds what: time=0,open=1,... by position from 0, or by name')
    .option('--time-format <FORMAT>', 'how it writes times: DD/MM/YYYY HH:mm, %d.%m.%Y, s, ms, us, ns, excel')
    .option('--delimiter <CHARACTER>', 'what stands between its cells: comma, semicolon, tab, pipe, space')
    .option('--timezone <ZONE>', 'zone of times that name none (default: UTC): America/New_York, +02:00')
    .option('--decimal <SIGN>', 'its decimal sign: point or comma');
}

/** The options, by name. */
export const DIALECT_OPTIONS = ['columns', 'timeFormat', 'delimiter', 'timezone', 'decimal'] as const;

/** What is said of files among other options; undefined where nothing is. */
export function dialectOf(options: DialectOptions): DialectOptions | undefined {
  const given = DIALECT_OPTIONS.filter((name) => options[name] !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given.map((name) => [name, options[name]]));
}

/** The options without what is said of files. */
export function withoutDialect<Options extends DialectOptions>(options: Options): Omit<Options, keyof DialectOptions> {
  const {
    columns: _columns,
    timeFormat: _time,
    delimiter: _delimiter,
    timezone: _zone,
    decimal: _decimal,
    ...rest
  } = options;
  return rest;
}
