import type { PairFeature, PairKernel } from '../kernel.ts';

class OtherSymbol implements PairKernel {
  next(_close: number, other: number): number {
    return other;
  }
}

export const otherSymbol: PairFeature = {
  name: 'of',
  version: 1,
  source: 'The value of a series of the named symbol at this bar’s close; the close when no series is written.',
  inputs: 'symbol',
  otherSeries: true,
  parameters: [],
  warmUp: () => 0,
  create: () => new OtherSymbol(),
};
