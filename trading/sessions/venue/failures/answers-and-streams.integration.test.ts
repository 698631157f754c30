import { describe, expect, it } from 'vitest';
import { faultCases, runFaultCase } from '../../../testing/venue/faults/fault-cases.ts';
import { GROUND_NAMES } from '../../../testing/venue/faults/trading-ground.ts';

// What can come in place of each answer to a session, and what can become of its stream, through the real SDKs and the
// breakers of the command. `prove venue-faults` tries all of them; here one in so many, of every place and fault.

const EVERY = 71;

describe.each(GROUND_NAMES)('a session at %s', (venue) => {
  const cases = faultCases(venue).filter((_one, index) => index % EVERY === 0);

  it.concurrent.each(cases.map((one) => [one.place, one.fault, one] as const))(
    'has the books of its venue, %s: %s',
    async (_place, _fault, one) => {
      expect(await runFaultCase(one)).toBe('');
    },
  );
});
