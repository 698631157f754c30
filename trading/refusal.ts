import { amountText } from './amount-text.ts';
import { REQUEST_FAULTS } from './orders/order-request.ts';
import type { Refusal } from './session-result.ts';

export type RefusalStage = Refusal['stage'];

export const REFUSAL_STAGES: readonly RefusalStage[] = ['signal', 'risk', 'broker'];

const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
const units = (value: number): string => `${value} units`;

/** What follows from a strategy's mistake, whichever it is. */
const NO_SIGNAL = 'the position is kept, and it is asked again at the next bar';

/**
 * Every reason for which a signal or an order is not let through, or is cut down, with the words for its two numbers:
 * what was found and what was allowed. Records hold the position in this list: append, never reorder.
 */
const TEXTS = {
  'not-finite': () => 'a price, size, probability or confidence is not a finite number in its range',
  weak: (value, limit) => `probability ${value.toFixed(4)} is not beyond the threshold ${limit}`,
  'low-confidence': (value, limit) => `confidence ${value.toFixed(4)} is below ${limit}`,
  stale: (value, limit) => `the signal is ${value} bars old, ${limit} allowed`,
  cooldown: (value, limit) => `${value} bars since the last order, the cooldown is ${limit}`,
  'order-working': (value) => `order ${value} of this symbol still works`,
  'position-limit': (value, limit) => `position ${percent(value)} of equity, ${percent(limit)} allowed`,
  'order-notional': (value, limit) => `order of ${percent(value)} of equity, ${percent(limit)} allowed`,
  'gross-exposure': (value, limit) => `gross exposure ${percent(value)} of equity, ${percent(limit)} allowed`,
  'sector-exposure': (value, limit) => `sector exposure ${percent(value)} of equity, ${percent(limit)} allowed`,
  'order-rate': (value, limit) => `${value} orders within 60 seconds, ${limit} allowed`,
  'daily-loss': (value, limit) => `the day's loss is ${percent(value)}, openings stop at ${percent(limit)}`,
  'drawdown-halt': (value, limit) => `drawdown ${percent(value)} reached ${percent(limit)}: halted until consent`,
  halted: () => 'halted: nothing may open',
  'reduce-only': () => 'reduce only: nothing may open',
  flattening: () => 'flattening: nothing may open',
  'short-not-allowed': () => 'the limits allow no short position',
  'below-lot': (value, limit) =>
    `${units(value)} is less than one lot of ${limit}: it takes more capital or a finer lot`,
  cash: (value, limit) => `${units(value)} were asked for, the cash pays for ${limit}`,
  'no-equity': (value) => `equity is ${amountText(value)}: nothing may open`,
  expired: () => 'the session ended before a bar could fill the order',
  'order-state': (value) => `order ${value} refuses this event in its state`,
  'model-expired': (value) => `model expired ${value.toFixed(2)} days before this bar closed`,
  'no-market': (value, limit) =>
    `spread and slippage of ${percent(value)} of the price, less than ${percent(limit)} can be paid: ` +
    'the bars trade too little, or move too much, for an order of this size',
  'model-unfit': () => 'the model in charge does not fit this session: it was not asked',
  'no-protection': (value, limit) =>
    `the distance of its protective orders is an average true range, which ${limit} bars give; there are ${value}`,
  'nothing-to-reduce': (value, limit) => `${units(value)} were to be closed, of ${limit} that no other exit closes`,
  'late-fill': (value) => `order ${value} had ended and was filled all the same: booked, and only reduced from here`,
  overfill: (value, limit) =>
    `order ${value} was filled beyond its ${units(limit)}: booked, and only reduced from here`,
  'foreign-fill': () => 'a fill of no order of this session: booked, and only reduced from here',
  busted: (value, limit) => `the venue took back ${units(limit)} of order ${value}: only reduced from here`,
  'order-request': (value) => `an order of the strategy cannot be placed: ${REQUEST_FAULTS[value - 1] ?? 'unknown'}`,
  'order-unknown': (value) => `what became of order ${value} is not known: nothing opens until it is`,
  'open-orders': (value, limit) => `${value} orders work, ${limit} allowed`,
  'post-only': (value, limit) => `the limit ${limit} would be filled at once at ${value}: a post-only order is not`,
  'not-immediate': (value) => `${units(value)} could not be filled at once`,
  'time-in-force': () => 'the time for which the order was to work is over',
  'protection-below-zero': (value, limit) =>
    `a protective order would lie at ${amountText(value)}, and a price is above 0: ` +
    `its distance must be below the price of the entry, ${amountText(limit)}`,
  'strategy-threw': (line, column) =>
    `the strategy threw an error${line > 0 ? ` at line ${line}, column ${column}` : ''}: ${NO_SIGNAL}`,
  'strategy-outside': (value, limit) =>
    `the strategy asked for the bar ${value} bars ago; ${limit} bars have closed, 0 ago is the newest: ${NO_SIGNAL}`,
  'strategy-answer': () => `the strategy's answer is no signal: ${NO_SIGNAL}`,
  'strategy-target': (value) => `the strategy's target ${value} is not from -1 to 1: ${NO_SIGNAL}`,
  'strategy-symbol': () => `the strategy answered for a symbol that it was not asked about: ${NO_SIGNAL}`,
  'strategy-silent': (value) => `the strategy did not answer within ${value / 1000} s: it is not asked any more`,
  'venue-disabled': () => 'the table of instruments has it disabled: nothing is opened in it',
  'venue-minimum': (value, limit) => `${units(value)} are less than the ${limit} that the venue takes`,
  'venue-maximum': (value, limit) => `${units(value)} are more than the ${limit} that the venue takes`,
  'venue-notional': (value, limit) =>
    `an order of ${amountText(value)} is less than the ${amountText(limit)} that the venue takes`,
  'price-band': (value, limit) => `a limit ${percent(value)} from the last price, ${percent(limit)} allowed`,
  'execution-numbers': (value) =>
    `an execution of order ${value} has a quantity, price, fee or time that cannot be: not booked, and only reduced ` +
    'from here',
  'opposite-side': (value, limit) =>
    `${units(limit)} were executed against the side of order ${value}: booked, and only reduced from here`,
  'other-symbol': (value) =>
    `an execution of order ${value} is of another symbol than the order: booked, and only reduced from here`,
  'bust-ahead': () => 'the venue took back an execution that it has not told of: only reduced from here',
  'beyond-cumulative': (value, limit) =>
    `order ${value} had ${units(limit)} executed by the venue's own sum: what goes beyond is not booked, and only ` +
    'reduced from here',
  'position-amount': (value, limit) => `position of ${amountText(value)}, ${amountText(limit)} allowed`,
  'order-amount': (value, limit) => `order of ${amountText(value)}, ${amountText(limit)} allowed`,
  'gross-amount': (value, limit) => `gross exposure of ${amountText(value)}, ${amountText(limit)} allowed`,
  'net-exposure': (value, limit) => `net exposure ${percent(value)} of equity, ${percent(limit)} allowed`,
  'net-amount': (value, limit) => `net exposure of ${amountText(value)}, ${amountText(limit)} allowed`,
  'sector-amount': (value, limit) => `sector exposure of ${amountText(value)}, ${amountText(limit)} allowed`,
  'symbol-position': (value, limit) =>
    `position ${percent(value)} of equity, ${percent(limit)} allowed for this symbol`,
  'symbol-amount': (value, limit) => `position of ${amountText(value)}, ${amountText(limit)} allowed for this symbol`,
  'group-exposure': (value, limit) =>
    `the group of the symbol is ${percent(value)} of equity, ${percent(limit)} allowed`,
  'group-amount': (value, limit) => `the group of the symbol is ${amountText(value)}, ${amountText(limit)} allowed`,
  concentration: (value, limit) => `the largest positions are ${percent(value)} of equity, ${percent(limit)} allowed`,
  correlation: (value, limit) =>
    `positions that move together are ${percent(value)} of equity, ${percent(limit)} allowed`,
  'value-at-risk': (value, limit) => `value at risk ${percent(value)} of equity, ${percent(limit)} allowed`,
  'expected-shortfall': (value, limit) => `expected shortfall ${percent(value)} of equity, ${percent(limit)} allowed`,
  'risk-history': (value, limit) => `${value} bars have closed, the risk of a portfolio is measured over ${limit}`,
  leverage: (value, limit) => `positions of ${value.toFixed(2)} times the equity, ${limit} allowed`,
  margin: (value, limit) =>
    `positions of ${value.toFixed(2)} times the equity, the initial margin allows ${limit.toFixed(2)}`,
  'orders-in-window': (value, limit) => `${value} orders within the window of the order rate, ${limit} allowed`,
  rejections: (value, limit) => `${value} orders were rejected in a row, ${limit} allowed: halted until consent`,
  'price-collar': (value, limit) => `the price lies ${percent(value)} from the last one, ${percent(limit)} allowed`,
  'strategy-position': (value, limit) =>
    `a position of ${percent(value)} of what the strategy's part is worth, ${percent(limit)} allowed`,
  'strategy-exposure': (value, limit) =>
    `positions of ${percent(value)} of what the strategy's part is worth, ${percent(limit)} allowed`,
  away: () => 'the connection to the venue is lost: nothing opens until it is there again',
  'order-lost': (value, limit) =>
    `order ${value} was looked for ${limit} times and found nowhere: nothing opens in its symbol`,
  'seen-working': (value) => `order ${value} had ended and works at the venue: only reduced from here`,
  'position-difference': (value, limit) =>
    `the venue holds ${units(value)}, the books say ${limit}: only reduced from here until somebody has looked`,
  'position-adopted': (value, limit) => `the venue holds ${units(value)}, the books said ${limit}: booked as external`,
  'too-weak': (value, limit) => `confidence ${value.toFixed(4)} is below ${limit}, from which a signal may open`,
  'signals-per-day': (value, limit) => `${value} signals of this symbol would open in one day, ${limit} allowed`,
  'outside-hours': () => 'the bar closed outside of the hours in which signals may open',
  blackout: (value) => `the bar closed within blackout ${value} of the experiment: nothing opens in it`,
  novel: (value, limit) =>
    `the row lies further from the training rows than ${percent(value)} of them, ${percent(limit)} allowed`,
  'novelty-unknown': () =>
    'how far the row lies from the training rows is not known, and signals.maxNovelty asks for it: train again',
  disagreement: (value, limit) => `the members' probabilities lie ${value.toFixed(4)} apart, ${limit} allowed`,
  'disagreement-unknown': () =>
    'how far the members lie apart is not known, and signals.maxDisagreement asks for it: train again with --fresh',
  'amend-refused': (value) => `the venue did not take the change of order ${value}: it works on as it was`,
  'external-fill': () => 'a fill of no order of this session: booked as external',
  'small-difference': (value, limit) => `the venue holds ${units(value)}, the books said ${limit}: adjusted`,
  'coin-fee': (value) => `the venue took a fee of ${units(value)}`,
  'rejections-per-minute': (value, limit) =>
    `${value} orders were rejected within a minute, ${limit} allowed: halted until consent`,
  'parent-working': (value) => `an order of this symbol that is executed in parts, ${value}, still works`,
  'no-volume-profile': (value, limit) =>
    `none of the ${value} bars that have closed shows the volume of that part of a day before, ${limit} days are looked ` +
    'back upon: nothing opens by vwap',
  'execution-bound': (value, limit) =>
    `${units(value)} were given up: the price is beyond ${amountText(limit)}, the worst that the order may pay`,
  'execution-time': (value, limit) => `${units(value)} of ${limit} were given up: the time of the order is over`,
  'execution-refused': (value, limit) =>
    `${units(value)} of ${limit} were given up: the venue refused one part after another`,
  'execution-stopped': () => 'the order that is executed in parts was ended: a command, a stop or its strategy',
  'execution-replaced': () => 'the order that is executed in parts was ended: a signal wants another position',
  liquidated: (value, limit) =>
    `the venue closed ${units(value)} at ${amountText(limit)} for want of margin: booked as external, and only ` +
    'reduced from here',
  deleveraged: (value, limit) =>
    `the venue closed ${units(value)} at ${amountText(limit)} to cover others' losses: booked as external`,
  settled: (value, limit) =>
    `the venue closed ${units(value)} at ${amountText(limit)} because the contract has ended: booked as external`,
  'venue-margin-call': (value, limit) =>
    `the venue asks for a margin of ${amountText(limit)}, and ${amountText(value)} backs it: only reduced from here`,
  'payment-numbers': () =>
    'the venue told of a payment whose amount or time cannot be: not booked, and only reduced from here',
  'emergency-stop': () => 'stopped in an emergency: it only observes until an operator resumes it with consent',
  'data-late': () => 'closes are overdue: openings are smaller, or refused, until one comes on time',
  'orders-failing': (value) => `of ${value} requests about orders in a row nobody knows what came: nothing opens`,
  latency: (value, limit) => `the venue answers within ${value} ms: no more than ${limit} openings a minute`,
  'venue-breaker': () => 'the breaker of the requests to the venue is open: nothing opens until it answers again',
  'protection-ended': (value) =>
    `order ${value}, which protected a position, was refused or ended by the venue: what is not protected any more is ` +
    'protected anew, or closed',
  'bare-position': (value) =>
    `a position of ${units(value)} has no stop: the venue takes neither one nor an exit. Close it there`,
  unrecorded: () => 'the database is away: nothing opens that cannot be recorded there',
  'order-contradicted': (value) =>
    `the venue tells of order ${value} what cannot be of it (another symbol, or the other side): nothing of that ` +
    'counts, and only reduced from here',
  'sizer-silent': (value) =>
    `the sizer did not answer within ${value / 1000} s: it is not asked any more, nothing opens`,
  'no-rate': (value, limit) =>
    `the last rate of its currency is ${value.toFixed(1)} days old, ${limit} allowed: it may only be reduced`,
  'extended-hours-market': () =>
    'a market order outside of the regular hours, in which only limits are executed: set ' +
    'execution.extendedHours: { maxSlippageBps: 30 }, place a limit, or wait for the open',
  'extended-hours-shut': () =>
    'a market order at the end of the last hours of the day: nothing is executed before the next ones begin',
  'extended-hours-at-once': () =>
    'ioc and fok are not taken outside of the regular hours: use a limit that works for the day or until cancelled',
  'asked-of-several': () => 'several strategies share the account: it takes no orders from outside',
  'asked-beside-protection': () =>
    'the session protects its positions by orders of its own: from outside it takes market orders alone',
  'asked-not-working': (value) => `order ${value} does not work: there is nothing to cancel`,
  'asked-protects': (value) => `order ${value} protects a position: close that, and it ends`,
  'weights-unsettled': () =>
    'the weights of the portfolio could not be found from these returns: what is held stays until the next time. ' +
    'Shrink the covariance, or leave out what only mirrors another symbol',
} satisfies Record<string, (value: number, limit: number) => string>;

export type RefusalCode = keyof typeof TEXTS;

export const REFUSAL_CODES = Object.keys(TEXTS) as RefusalCode[];

const NUMBER = new Map<RefusalCode, number>(REFUSAL_CODES.map((code, index) => [code, index + 1]));

/** 1-based position of `code` for records; 0 stands for none. */
export function refusalNumber(code: RefusalCode | null): number {
  return code === null ? 0 : NUMBER.get(code)!;
}

/** The code at a record's 1-based position, null for 0. */
export function refusalCodeAt(number: number): RefusalCode | null {
  return number === 0 ? null : REFUSAL_CODES[number - 1]!;
}

/** In words, with the numbers: what was found and what was allowed. */
export function refusalReason(code: RefusalCode, value: number, limit: number): string {
  const text: (value: number, limit: number) => string = TEXTS[code];
  return text(value, limit);
}
