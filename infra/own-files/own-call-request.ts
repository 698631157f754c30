import type { MessagePort } from 'node:worker_threads';
import type { CompiledOwnFile, ParameterValue } from './own-file.ts';

/** Places in the shared control array: something is asked, something is answered. */
export const ASKED = 0;
export const ANSWERED = 1;
/** Bar of a column that is being asked about: where the code is when it does not answer. */
export const AT_BAR = 2;
/** Signs of progress that long work has given. */
export const PROGRESS = 3;
export const CONTROL_LENGTH = 4;

/** Times, prices and volume of a bar. */
export const BAR_NUMBERS = 7;
/** Place of the close's time among them. */
export const CLOSE_TIME = 1;

type Parameters = Readonly<Record<string, ParameterValue>>;

/** One question to a user's code. `user` tells apart who asks: each has the module to himself. */
export type OwnCallRequest =
  | { readonly op: 'call'; readonly user: number; readonly method: string; readonly args: readonly unknown[] }
  | {
      readonly op: 'column';
      readonly user: number;
      /** BAR_NUMBERS for each bar. */
      readonly numbers: Float64Array;
      /** First bar that wants a value. */
      readonly from: number;
      readonly warmUpBars: number;
      readonly parameters: Parameters;
    };

/** What the code answered, or what it threw, with its place in the file. */
export type OwnCallAnswer = { readonly value: unknown } | { readonly threw: string };

/** What the thread begins with. */
export interface OwnCallThreadData {
  readonly control: Int32Array;
  readonly port: MessagePort;
  readonly compiled: CompiledOwnFile;
}
