import { InputError } from '../errors.ts';

/** Formats of tables, by the ending of a file's name. */
const FORMATS = { '.csv': 'csv', '.parquet': 'parquet', '.arrow': 'arrow' } as const;
export type ExportFormat = (typeof FORMATS)[keyof typeof FORMATS];

const ENDING = /\.[^./\\]*$/;

/** The format that the name of a file asks for. @throws InputError for any other ending */
export function exportFormat(path: string): ExportFormat {
  const ending = ENDING.exec(path)?.[0].toLowerCase() ?? '';
  const format = Object.entries(FORMATS).find(([known]) => known === ending)?.[1];
  if (format !== undefined) return format;
  const what = ending === '' ? 'has no ending' : `ends in ${ending}`;
  throw new InputError(
    `--out ${path} ${what}: there is no such format.`,
    `Let it end in ${Object.keys(FORMATS).join(', ')}.`,
  );
}

/** Where the manifest of an exported file lies: beside it, `FILE.manifest.json` of `FILE.csv`. */
export const manifestPath = (path: string): string => path.replace(ENDING, '.manifest.json');
