import type { CommandContext } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { feedAsked } from '../paper-command.ts';
import type { SessionSource } from '../parity/parity-store.ts';
import type { PaperOptions, Replay } from '../replay.ts';
import { experimentTrading } from './traded-strategy.ts';
import { modeAsked } from './session-mode.ts';
import { liveConsent } from '../venue/live-consent.ts';
import { brokerNamed, foreignAsked } from '../venue/venue-plan.ts';

/** A session on paper as it was asked for. @throws InputError for what does not fit */
export async function preparePaper(context: CommandContext, asked: string, options: PaperOptions): Promise<Replay> {
  const experiment = await experimentTrading(context, asked, options);
  if (feedAsked(options) === 'replay') {
    if (options.shadow !== undefined && options.shadow.length > 0) {
      throw new InputError('--shadow runs beside a session on live data.', 'Add --feed live, or leave it out.');
    }
    return (await import('../replay-experiment.ts')).replayExperiment(context, experiment, options);
  }
  const { liveExperiment } = await import('../live-experiment.ts');
  const mode = modeAsked(options);
  const name = brokerNamed(options.broker);
  if (name === 'simulated') return liveExperiment(context, experiment, { ...options, mode });
  // Before anything else: whoever has no keys, or no network, is told so at once.
  const { reachVenue } = await import('../venue/reach-venue.ts');
  const venue = { ...(await reachVenue(name, context, marginOf(options))), foreign: foreignAsked(options.foreign) };
  return liveExperiment(context, experiment, { ...options, mode, venue });
}

/**
 * A session that trades a live account: the same as on paper, once both consents are there, the experiment was moved to
 * live as it stands (unless no order leaves), and the venue has opened the account that was named.
 * @throws InputError for a consent that is missing, another account, or what does not fit
 */
export async function prepareLive(context: CommandContext, asked: string, options: PaperOptions): Promise<Replay> {
  const mode = modeAsked(options);
  if (options.feed !== undefined && options.feed !== 'live') {
    throw new InputError(`--feed ${options.feed}: a live account trades what comes.`, 'Leave --feed out.');
  }
  const { broker, account } = await liveConsent(context, options);
  const [{ reachVenue }, { liveExperiment }] = await Promise.all([
    import('../venue/reach-venue.ts'),
    import('../live-experiment.ts'),
  ]);
  const experiment = await experimentTrading(context, asked, options);
  if (mode === null || mode === 'live') {
    await (await import('../stages/promote-command.ts')).requireLiveStage(context, experiment);
  }
  const venue = {
    ...(await reachVenue(broker, context, { ...marginOf(options), account })),
    foreign: foreignAsked(options.foreign),
  };
  return liveExperiment(context, experiment, { ...options, kind: 'live', mode, venue });
}

function marginOf({ leverage, marginMode }: PaperOptions): Pick<PaperOptions, 'leverage' | 'marginMode'> {
  return { ...(leverage === undefined ? {} : { leverage }), ...(marginMode === undefined ? {} : { marginMode }) };
}

/** A session that ran, to be looked at: no venue is reached for it, and nothing runs beside it. */
export async function prepareAgain(context: CommandContext, { options, ...source }: SessionSource): Promise<Replay> {
  const experiment = await experimentTrading(context, source.experiment, options);
  if (options.account === undefined && feedAsked(options) === 'replay') {
    return (await import('../replay-experiment.ts')).replayExperiment(context, experiment, options);
  }
  const { liveExperiment } = await import('../live-experiment.ts');
  const kind = options.account === undefined ? 'paper' : 'live';
  return liveExperiment(context, experiment, { ...options, kind, mode: modeAsked(options), shadow: [] });
}
