import { setTimeout as sleep } from 'node:timers/promises';
import { createBarColumns } from '../../../features/bar.ts';
import { systemClock } from '../../../infra/clock.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { silentProgress } from '../../../infra/terminal/progress.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { WAIT_MS } from '../../../infra/testing/patience.ts';
import { WebhookChannel } from '../../../infra/alerts/channels/webhook-channel.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../../models/experiment/experiment.ts';
import type { FeedEvent } from '../../../pipelines/feeds/feed-event.ts';
import { AlpacaBroker } from '../../brokers/alpaca/alpaca-broker.ts';
import type { VenueAccount } from '../../brokers/venue/request-verdict.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import { VENUE_EMERGENCY } from '../../risk/degradation/emergency-rule.ts';
import type { ProtectionRule } from '../../risk/protection.ts';
import { HEALTH_PATIENCE, type HealthOptions, type HealthPatience } from '../../sessions/health/session-health.ts';
import { runPaper } from '../../sessions/paper-command.ts';
import type { Word } from '../walked-engine.ts';
import { share } from './alpaca/alpaca-in-hand.ts';
import { IMPATIENT, WalkedMarket } from './kept-session.ts';
import { spoken } from './session-in-hand.ts';
import { STAND_IN_KEYS } from './stand-in-venue.ts';

/** A test is not to wait for minutes. */
const HASTY: HealthPatience = {
  ...HEALTH_PATIENCE,
  doubtMs: 300,
  bareMs: 300,
  requests: { failuresMax: 4, openMs: 200 },
  stream: { failuresMax: 3, openMs: 200 },
  database: { failuresMax: 2, openMs: 200 },
  everyMs: 20,
  pingMs: 100,
  graceMs: 100,
};

const DEADLINE_MS = 1_000;

const ACCOUNT: Omit<VenueAccount, 'id'> = {
  cash: '100000',
  equity: '100000',
  currency: 'USD',
  blocks: [],
  shorting: true,
};

export interface WatchedOptions {
  readonly database: Database;
  /** Where alerts go; absent: to the channels that its environment names, as patiently as that says. */
  readonly webhookUrl?: string;
  readonly venueUrl: string;
  readonly id: string;
  readonly limits?: Partial<RiskLimits>;
  readonly protection?: ProtectionRule;
  readonly health?: Partial<HealthPatience>;
  /** What was said before a restart. */
  readonly words?: readonly Word[];
  /** Closes of the market after a moment. */
  readonly overdue?: () => number;
  /** What its environment holds. */
  readonly env?: NodeJS.ProcessEnv;
}

const brokerAt = (tradingUrl: string): AlpacaBroker =>
  new AlpacaBroker(
    { ...STAND_IN_KEYS, tradingUrl, requestsPerMinute: 1_000_000, deadlineMs: DEADLINE_MS },
    { clock: systemClock, stream: { pingMs: 300, pongMs: 1_000 } },
  );

function deliveryTo(webhookUrl: string | undefined): Pick<HealthOptions, 'delivery'> {
  if (webhookUrl === undefined) return {};
  return { delivery: { channels: [new WebhookChannel(webhookUrl)], againMs: 20, everyMs: 10 } };
}

/**
 * A paper session with its record in PostgreSQL, watched over as `paper` does, whose bars close when they are told to.
 */
export function watchedSession(options: WatchedOptions) {
  const { database, webhookUrl, venueUrl, id, limits = {} } = options;
  const words: Word[] = [...(options.words ?? [])];
  const notes: string[] = [];
  const stop = new AbortController();
  const market = new WalkedMarket(['AAPL'], 1);
  let due = 0;
  const progress = { ...silentProgress(), note: (text: string) => void notes.push(text) };
  const context = databaseContext(database, { progress, signal: stop.signal, env: options.env ?? {} });
  async function* open(_fromMs: number, signal: AbortSignal): AsyncGenerator<FeedEvent> {
    while (!signal.aborted) {
      await sleep(5, undefined, { signal }).catch(() => undefined);
      if (due === 0) continue;
      due -= 1;
      const [closed] = market.bars().bars;
      yield { kind: 'bar', symbol: 'AAPL', bar: closed!.bar, origin: 'stream', lastOfClose: true };
    }
  }
  const running = runPaper(context, { speed: 'max' }, () =>
    Promise.resolve({
      options: {
        instruments: [share('AAPL')],
        strategy: spoken(words),
        sizing: { kind: 'units', units: 10 },
        limits: { ...NAMED_LIMITS.unbounded, shortAllowed: false, ...limits },
        protection: options.protection,
        broker: simulatedBroker(),
        emergency: VENUE_EMERGENCY,
        capital: 100_000,
      },
      bars: [createBarColumns('AAPL', 0)],
      session: { id, kind: 'paper', symbols: ['AAPL'], capital: 100_000, definition: {} },
      live: {
        decider: () => Promise.resolve({ decidedBy: null, unfit: null }),
        lateBars: () => 0,
        actions: () => Promise.resolve([]),
        observe: () => Promise.resolve(null),
        ...(options.overdue === undefined ? {} : { overdue: options.overdue }),
        open,
      },
      venue: { broker: brokerAt(venueUrl), account: { id, ...ACCOUNT }, patience: IMPATIENT },
      health: {
        patience: { ...HASTY, ...options.health },
        ...deliveryTo(webhookUrl),
      },
    }),
  );
  running.catch(() => undefined);
  const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
    const untilMs = systemClock() + WAIT_MS;
    while (!(await holds())) {
      if (systemClock() > untilMs) throw new Error(`it never came to this: ${what}; notes: ${notes.join('; ')}`);
      await Promise.race([sleep(10), running]);
    }
  };
  return {
    words,
    notes,
    until,
    close: (word: Word): void => {
      words.push(word);
      due += 1;
    },
    /** Stops it between two bars: it can go on. */
    stop: async (): Promise<void> => {
      stop.abort();
      await running;
    },
  };
}
