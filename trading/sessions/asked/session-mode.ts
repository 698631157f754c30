import { InputError } from '../../../infra/errors.ts';
import { brokerNamed } from '../venue/venue-plan.ts';

/** What becomes of a session's orders on live data: they go to the broker, are filled by us, or go nowhere. */
const SESSION_MODES = ['live', 'simulation', 'observation'] as const;
export type SessionMode = (typeof SESSION_MODES)[number];

/**
 * The mode that was asked for; null where nothing was said: orders go to the broker that was named.
 * @throws InputError for one that there is not, or that does not fit broker or feed
 */
export function modeAsked({
  mode,
  broker,
  feed,
}: {
  readonly mode?: string;
  readonly broker: string;
  readonly feed?: string;
}): SessionMode | null {
  if (mode === undefined) return null;
  const found = SESSION_MODES.find((one) => one === mode);
  if (found === undefined)
    throw new InputError(`--mode ${mode} is not known.`, `Name one of: ${SESSION_MODES.join(', ')}.`);
  if (found === 'live' && brokerNamed(broker) === 'simulated') {
    throw new InputError('--mode live needs a broker that orders can go to.', 'Name it: --broker alpaca.');
  }
  if (feed !== undefined && feed !== 'live') {
    throw new InputError(`--mode ${mode} and --feed ${feed}: modes are about live data.`, 'Leave one of the two out.');
  }
  return found;
}
