import type { Instrument } from '../../../features/instrument.ts';
import { InputError } from '../../../infra/errors.ts';
import { isSet } from '../../../models/experiment/limits-schema.ts';
import { namedExecutions } from '../../../models/experiment/execution/named-executions.ts';
import type { ExecutionRule } from '../../../models/experiment/execution/execution-schema.ts';
import { limitsOf, type Experiment } from '../../../models/experiment/experiment.ts';
import { shapeOf, type VenueCapabilities } from '../../brokers/venue/capabilities.ts';
import type { FuturesMargin } from '../../brokers/binance/futures/futures-account.ts';
import type { VenueAccount } from '../../brokers/venue/request-verdict.ts';
import type { VenueBroker } from '../../brokers/venue/venue-broker.ts';
import type { ReconciliationRule } from '../../engine/venue/reconciliation-rule.ts';
import type { VenuePatience } from '../../execution/venue-patience.ts';
import { NO_CONDITIONS, type OrderTerms, type OrderType } from '../../orders/order-terms.ts';

/** Brokers that a session can trade at. */
const BROKERS = ['simulated', 'alpaca', 'binance', 'binance-futures'] as const;
export type BrokerName = (typeof BROKERS)[number];

/** The broker that was asked for by name. */
export function brokerNamed(name: string): BrokerName {
  const found = BROKERS.find((one) => one === name);
  if (found !== undefined) return found;
  throw new InputError(`--broker ${name} is not known.`, `Name one of: ${BROKERS.join(', ')}.`);
}

/** What is to become of what is not the session's. @throws InputError for another word */
export function foreignAsked(how = 'refuse'): 'adopt' | 'refuse' {
  if (how === 'adopt' || how === 'refuse') return how;
  throw new InputError(`--foreign ${how} is neither adopt nor refuse.`);
}

/** The largest leverage that any contract is traded with. */
const LEVERAGE_MAX = 125;

/**
 * How positions are margined at a venue of futures: across the account and without credit, unless asked for otherwise.
 * Null for a venue that has no such thing. @throws InputError for what cannot be
 */
export function marginAsked(
  broker: BrokerName,
  { leverage, marginMode: mode = 'cross' }: { readonly leverage?: string; readonly marginMode?: string },
): FuturesMargin | null {
  if (broker !== 'binance-futures') {
    const asked = leverage !== undefined ? '--leverage' : mode !== 'cross' ? '--margin-mode' : null;
    if (asked === null) return null;
    throw new InputError(`${asked} is for futures, and ${broker} trades none here.`, 'Leave it out.');
  }
  if (mode !== 'cross' && mode !== 'isolated') {
    throw new InputError(`--margin-mode ${mode} is neither cross nor isolated.`);
  }
  const times = Number(leverage ?? '1');
  if (Number.isInteger(times) && times >= 1 && times <= LEVERAGE_MAX) return { mode, leverage: times };
  throw new InputError(`--leverage ${leverage} is no whole number from 1 to ${LEVERAGE_MAX}.`);
}

/** Small differences of positions are adjusted up to this, in units of the account's currency: what fees leave over. */
const SMALL_AMOUNT = 1;

/** How a session at a venue brings its books into line with the venue's. */
export function reconciliationOf({ foreign }: VenuePlan): Partial<ReconciliationRule> {
  return { differences: foreign === 'adopt' ? 'adopt' : 'halt', smallAmount: SMALL_AMOUNT };
}

/** A venue that was reached, and the account there. */
export interface VenuePlan {
  readonly broker: VenueBroker;
  readonly account: VenueAccount;
  /** What becomes of positions and orders that are not the session's; `refuse` where absent. */
  readonly foreign?: 'adopt' | 'refuse' | undefined;
  /** How positions are margined there; absent where the venue has nothing to choose. */
  readonly margin?: FuturesMargin | undefined;
  /** How long it is waited for; `DEFAULT_PATIENCE` where absent. */
  readonly patience?: VenuePatience | undefined;
}

/** What an experiment asks for that the venue, or a session there, cannot do, named by its key. @throws InputError */
export function requireTradable(experiment: Experiment, instruments: readonly Instrument[], plan: VenuePlan): void {
  const { broker, account } = plan;
  const refuse = (key: string, why: string, remedy: string): never => {
    throw new InputError(`${experiment.name}: ${key}: ${why}`, remedy);
  };
  const types = exitTypes(experiment);
  for (const instrument of instruments) {
    const limits = instrument.rules?.extendedHours === true ? (['limit'] as const) : [];
    for (const type of ['market', ...types, ...limits] as const) {
      const found = broker.capabilities.capability(shapeOf(instrument, instrument.lot, sample(type)));
      if (found.how === 'refused')
        refuse(`${instrument.symbol} as a ${type} order`, found.why, 'Change the experiment.');
    }
  }
  const pair = types.length < 2 ? null : pairOf(types, instruments, broker.capabilities);
  if (pair !== null) refuse('protection', pair, 'Keep one of its exits, or a stopLoss and a takeProfit.');
  if (isSet(experiment.protection?.trailingAfter)) {
    refuse('protection.trailingAfter', `${broker.name} follows the price from the start`, 'Leave it out.');
  }
  for (const { key, rules } of namedExecutions(experiment)) {
    for (const [name, rule] of Object.entries(rules)) {
      for (const instrument of instruments) {
        const found = broker.capabilities.capability(shapeOf(instrument, instrument.lot, childOf(rule)));
        if (found.how === 'refused') refuse(`${key}.${name}: ${instrument.symbol}`, found.why, 'Use another kind.');
      }
    }
  }
  if (experiment.signals.longShort === true) {
    const remedy = 'Leave it out: SELL goes flat.';
    if (!account.shorting) refuse('signals.longShort', 'the account may sell nothing short', remedy);
    for (const instrument of instruments) {
      const found = broker.capabilities.short(instrument);
      if (found.how === 'refused') refuse(`signals.longShort: ${instrument.symbol}`, found.why, remedy);
    }
  }
  requireLeverage(experiment, plan, refuse);
  if (isSet(experiment.currencies)) refuse('currencies', 'the account is in one currency', 'Leave it out.');
  if (Number(account.equity) < experiment.capital) {
    refuse('capital', `${experiment.capital}, and the account is worth ${account.equity}`, 'Trade with less.');
  }
}

/** What the limits lend, the venue has to lend, too: it would refuse orders otherwise. */
function requireLeverage(
  experiment: Experiment,
  plan: VenuePlan,
  refuse: (key: string, why: string, remedy: string) => never,
): void {
  const { margin } = limitsOf(experiment);
  if (plan.margin === undefined || !isSet(margin)) return;
  const needed = Math.ceil(1 / margin.initial - 1e-9);
  if (needed <= plan.margin.leverage) return;
  const why = `${margin.initial} needs a leverage of ${needed}, and the session has ${plan.margin.leverage} there`;
  refuse('limits.margin.initial', why, `Add --leverage ${needed}.`);
}

/** Why the exits of a position cannot rest together, null where they can. */
function pairOf(
  types: readonly OrderType[],
  instruments: readonly Instrument[],
  capabilities: VenueCapabilities,
): string | null {
  if (types.length <= capabilities.exitsPerPosition) return null;
  const [stop, second] = types.filter((type) => type !== 'limit');
  const target: OrderType | undefined = types.includes('limit') ? 'limit' : second;
  for (const instrument of instruments) {
    const [one, other] = [target, stop].map((type) => shapeOf(instrument, instrument.lot, sample(type!)));
    const found = capabilities.pair(one!, other!);
    if (found.how === 'refused') return `${instrument.symbol}: ${found.why}`;
  }
  return types.length < 3 ? null : `no more than two exits of a position rest, and ${types.length} are asked for`;
}

/**
 * What of the session's orders is done by us and not by the venue: it ends with the process, and what rests at the
 * venue does not. One line each, for the start of the session.
 */
export function emulatedLines(
  experiment: Experiment,
  plan: VenuePlan,
  instruments: readonly Instrument[] = [],
): string[] {
  const { broker } = plan;
  const types = exitTypes(experiment);
  const places = experiment.strategies?.some(({ file }) => file !== undefined) === true;
  const turns = experiment.signals.longShort === true && !broker.capabilities.turnsInOneOrder;
  const { margin } = plan;
  const rests = types.length === 0 ? '' : ` (${types.join(' and ')})`;
  return [
    ...(margin === undefined
      ? []
      : [`${broker.name}: ${margin.mode} margin with a leverage of ${margin.leverage}, in one-way mode`]),
    ...(types.length === 0 ? [] : [`${broker.name}: protection rests at the venue${rests}, from the entry's fill on`]),
    ...(types.length === 0 && !places
      ? []
      : [
          `${broker.name}: done by this session, and not while it is down: exits are placed once their entry has been ` +
            'filled, and again after each change of the position' +
            (places
              ? '; gtd orders are cancelled at their time; reduceOnly is cut to what is held when it leaves'
              : ''),
        ]),
    ...((types.length > 0 || places) && instruments.some((instrument) => isForTheDay(instrument, broker.capabilities))
      ? [
          `${broker.name}: what rests for parts of a share is placed again by this session for each next day, as soon ` +
            'as the day has ended it, and changed by a cancel and another order; whole shares rest until cancelled',
        ]
      : []),
    ...inTurnLines(experiment, plan, instruments),
    ...(places && broker.capabilities.attachesExits
      ? [
          `${broker.name}: exits that wait for an entry of whole shares, at the next price or a limit, from flat, leave ` +
            'with it and work at the venue from its last fill on, whoever is there then',
        ]
      : []),
    ...(turns
      ? [`${broker.name}: a position is turned by two orders, of which the second leaves after the first`]
      : []),
    ...(places ? [`${broker.name}: an order that the venue cannot do is refused before it leaves, in words`] : []),
  ];
}

/** What rests of the exits of parts of a share, and what is gone with the session. */
function inTurnLines(
  experiment: Experiment,
  { broker }: Pick<VenuePlan, 'broker'>,
  instruments: readonly Instrument[],
): string[] {
  const types = exitTypes(experiment);
  const places = experiment.strategies?.some(({ file }) => file !== undefined) === true;
  if (!instruments.some((instrument) => isForTheDay(instrument, broker.capabilities))) {
    if (!types.includes('limit') || !types.includes('trailing')) return [];
    return [
      `${broker.name}: a trailing stop beside a target rests as a stop that this session moves; the target is watched ` +
        'by this session and is gone with it; at its price the stop makes way, and rests again where it is not filled soon',
    ];
  }
  return [
    ...(places || (types.includes('limit') && types.length > 1)
      ? [
          `${broker.name}: the target of parts of a share is watched by this session while the stop rests at the venue, ` +
            'and is gone with it; at its price the stop makes way, and rests again where the target is not filled soon',
        ]
      : []),
    ...(places || types.includes('trailing')
      ? [
          `${broker.name}: a trailing stop of parts of a share is a stop that this session moves, and that stays where ` +
            'it is while the session is down',
        ]
      : []),
  ];
}

/** The least that is ordered of it works for the day alone. */
function isForTheDay(instrument: Instrument, { dayOnly }: VenueCapabilities): boolean {
  return dayOnly?.(shapeOf(instrument, instrument.lot, sample('stop'))) === true;
}

/** Types of the orders that protect a position. */
function exitTypes({ protection }: Experiment): OrderType[] {
  if (protection === undefined) return [];
  const { stopLoss, takeProfit, trailing } = protection;
  return [
    ...(isSet(stopLoss) ? (['stop'] as const) : []),
    ...(isSet(takeProfit) ? (['limit'] as const) : []),
    ...(isSet(trailing) ? (['trailing'] as const) : []),
  ];
}

function sample(type: OrderType): OrderTerms | null {
  if (type === 'market') return null;
  return { type, role: 'order', price: 1, trail: 0, trailShare: 0.01, group: 0, conditions: NO_CONDITIONS };
}

/** An order that executes a part of another. */
function childOf({ kind, maxSlippageBps }: ExecutionRule): OrderTerms {
  const limited = kind === 'chase' || kind === 'maker' || maxSlippageBps !== undefined;
  const base = { role: 'order', price: limited ? 1 : 0, trail: 0, trailShare: 0, group: 0 } as const;
  return { ...base, type: limited ? 'limit' : 'market', conditions: { ...NO_CONDITIONS, postOnly: kind === 'maker' } };
}

/**
 * A new session begins with nothing at the venue: what is held or works there in its symbols is somebody's.
 * @throws InputError that names it
 */
export async function requireEmpty({ broker }: VenuePlan, instruments: readonly Instrument[]): Promise<void> {
  const symbols = instruments.map(({ symbol }) => symbol);
  const positions = (await broker.positions()).filter(({ symbol }) => symbols.includes(symbol));
  const orders = (await broker.openOrders()).filter(({ symbol }) => symbols.includes(symbol));
  const found = [
    ...positions.map(({ symbol, quantity }) => `${quantity} ${symbol} held`),
    ...orders.map(({ symbol, clientOrderId }) => `order ${clientOrderId} of ${symbol}`),
  ];
  if (found.length === 0) return;
  throw new InputError(
    `The account at ${broker.name} is not empty in the symbols of the session: ${found.slice(0, 5).join(', ')}.`,
    'Close and cancel them there, or go on with the session that they belong to by --session ID.',
  );
}
