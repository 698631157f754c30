import { faultCases, runFaultCase, type FaultCase } from '../../../trading/testing/venue/faults/fault-cases.ts';
import { GROUND_NAMES } from '../../../trading/testing/venue/faults/trading-ground.ts';
import type { CaseContext, CaseFigures, Proof } from '../proof.ts';

/** Sessions at once: they wait more than they compute. */
const AT_ONCE = 4;

/** The faults of each place of each venue: one case is all of a place. */
const PLACES: readonly (readonly FaultCase[])[] = GROUND_NAMES.flatMap((venue) => {
  const cases = faultCases(venue);
  const places = [...new Set(cases.map(({ place }) => place))];
  return places.map((place) => cases.filter((one) => one.place === place));
});

async function runCase({ index }: CaseContext): Promise<CaseFigures> {
  const left = [...PLACES[index % PLACES.length]!];
  const { venue, place } = left[0]!;
  const faults = left.length;
  const wrong: string[] = [];
  const work = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const words = await runFaultCase(one);
      if (words !== '') wrong.push(`${one.fault}: ${words}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { venue, place, faults, wrong: wrong.length, words: wrong.join('\n').slice(0, 2000) };
}

const sum = (cases: readonly CaseFigures[], name: string): number =>
  cases.reduce((total, figures) => total + Number(figures[name]), 0);

/** Everything that can come in place of an answer, at every place where one is asked for, and all of a stream. */
export const VENUE_FAULT_PROOF: Proof = {
  name: 'venue-faults',
  shows:
    'sessions at Alpaca and Binance (spot, futures) have the books of the venue after any fault of any answer, and of ' +
    'the stream',
  count: PLACES.length,
  run: runCase,
  conclude: (cases) => ({
    holds: cases.every(({ wrong }) => wrong === 0),
    figures: { places: cases.length, faults: sum(cases, 'faults'), wrong: sum(cases, 'wrong') },
  }),
};
