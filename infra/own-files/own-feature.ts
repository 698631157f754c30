import type { ClosedBars } from './closed-bars.ts';
import type { OwnParameters } from './own-file.ts';

// What a feature file may import, as types: `import type { OwnFeature } from 'signalbox'`.

/**
 * The bars that a feature may look at: the one that has just closed (0) and as many before it as its `warmUpBars` says.
 * Any other throws, bars to come among them.
 */
export type FeatureView = ClosedBars;

/** The default export of a feature file: a pure function of some bars. Parameters are numbers. */
export interface OwnFeature<
  Parameters extends object = Readonly<Record<string, number>>,
> extends OwnParameters<Parameters> {
  /** How expressions write it: small letters and digits, and no name that is shipped. */
  readonly name: string;
  /** Bars before the current one that the value looks at. The first value comes after as many. */
  warmUpBars(parameters: Parameters): number;
  /** The value at the close of the current bar, a finite number. It keeps nothing from call to call. */
  value(view: FeatureView, parameters: Parameters): number;
}
