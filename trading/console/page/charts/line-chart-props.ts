import type { TimedLine } from './joined-lines.ts';

/** A level that matters, with how it is to be read. */
interface Level {
  readonly from: number;
  readonly tone: 'good' | 'look' | 'bad';
}

export interface LineChartProps {
  readonly label: string;
  readonly lines: readonly TimedLine[];
  /** A value as people read it. */
  readonly text: (value: number | null | undefined) => string;
  readonly height?: number;
  readonly kind?: 'lines' | 'bars';
  /** Names of lines that are drawn broken: what something is compared with. */
  readonly broken?: readonly string[];
  readonly levels?: readonly Level[];
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}
