import { createInterface } from 'node:readline/promises';
import type { CommandContext } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import type { VenueName } from './reach-venue.ts';
import { brokerNamed } from './venue-plan.ts';

/** How the name of an account is asked for; null where nobody sits at a terminal. */
export type AskName = ((question: string) => Promise<string>) | null;

/**
 * The two consents that live trading needs, before anything is asked of a venue: `SIGNALBOX_LIVE=1` in the
 * environment, and the account's name, passed or typed. Returns that name, and the broker.
 * @throws InputError that says which is missing
 */
export async function liveConsent(
  { config, signal }: Pick<CommandContext, 'config' | 'signal'>,
  { broker, account }: { readonly broker: string; readonly account?: string },
  ask: AskName = askAtTerminal(signal),
): Promise<{ readonly broker: VenueName; readonly account: string }> {
  const name = brokerNamed(broker);
  if (name === 'simulated') {
    throw new InputError('Live trading needs a broker.', 'Name it: --broker alpaca. On paper: signalbox paper.');
  }
  if (!config.live) {
    throw new InputError(
      'Live trading needs SIGNALBOX_LIVE=1 in the environment: orders trade real money.',
      'Set it for this command alone, or trade on paper: signalbox paper EXPERIMENT.',
    );
  }
  const named = account ?? (await ask?.(`Real money: type the number of the ${broker} account to trade it: `));
  if (named !== undefined && named.trim() !== '') return { broker: name, account: named.trim() };
  throw new InputError(
    'Live trading needs the name of the account.',
    'Pass it: --account NAME, or type it at a terminal.',
  );
}

function askAtTerminal(signal: AbortSignal): AskName {
  if (!process.stdin.isTTY) return null;
  return async (question) => {
    const reader = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await reader.question(question, { signal });
    } finally {
      reader.close();
    }
  };
}
