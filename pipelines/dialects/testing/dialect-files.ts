import { expect } from 'vitest';
import type { BarColumns } from '../../../features/bar.ts';
import { MINUTE_MS } from '../../../features/timeframe.ts';
import { InputError } from '../../../infra/errors.ts';
import { readTakenBars, type BarsFileOptions, type TakenBars } from '../../sources/files/bars-file.ts';
import { scratchFiles } from '../../testing/scratch-files.ts';

export const HEADER = 'time,open,high,low,close,volume\n';
export const DAYS = ['2024-01-11', '2024-01-12', '2024-01-15', '2024-01-16'];
/** What `ends` says of bars of `values` on those days. */
export const DAILY = ['2024-01-11T00:00', '2024-01-16T00:00', 1238.75, 4000] as const;

/** Open, high, low, close and volume of the bar at `i`. */
export const values = (i: number): number[] => [1234.5 + i, 1236.25 + i, 1233 + i, 1235.75 + i, 1000 * (i + 1)];

export const rows = (times: readonly string[], between = ','): string =>
  times.map((time, i) => [time, ...values(i)].join(between)).join('\n');

export const minutes = (start: string, write: (at: Date) => string): string[] =>
  [0, 1, 2, 3].map((i) => write(new Date(Date.parse(start) + i * MINUTE_MS)));

/** Opens of the first and last bar, then the last close price and volume. */
export function ends({ openTimeMs, close, volume, length }: BarColumns): [string, string, number, number] {
  const at = (i: number): string => new Date(openTimeMs[i]!).toISOString().slice(0, 16);
  return [at(0), at(length - 1), close[length - 1]!, volume[length - 1]!];
}

/** Reads and refuses what is written into files of a suite's own folder; for the top of the suite. */
export function dialectFiles(prefix: string) {
  const { file } = scratchFiles(prefix);
  const read = async (content: string | Uint8Array, options?: BarsFileOptions, name?: string): Promise<TakenBars> =>
    readTakenBars(file(content, name), options);
  const refusal = async (content: string | Uint8Array, options?: BarsFileOptions): Promise<InputError> => {
    const outcome: unknown = await read(content, options).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(InputError);
    return outcome as InputError;
  };
  return { file, read, refusal };
}
