/**
 * The life of an order. States and events share names: an event says which state the venue or we now claim. Records
 * hold the position in this list: append, never reorder.
 */
export const ORDER_STATES = [
  'INITIALIZED',
  'EMULATED',
  'RELEASED',
  'SUBMITTED',
  'ACCEPTED',
  'TRIGGERED',
  'PENDING_UPDATE',
  'PENDING_CANCEL',
  'PARTIALLY_FILLED',
  'CANCELED',
  'FILLED',
  'REJECTED',
  'DENIED',
  'EXPIRED',
  /** Recorded, perhaps sent: a restart asks the venue for it. */
  'PENDING_SUBMIT',
  /** What became of a request is not known: the venue is asked before anything is sent again. */
  'UNKNOWN',
  /** Asked for and found nowhere, several times over. */
  'LOST',
] as const;

export type OrderState = (typeof ORDER_STATES)[number];

const WORKING = ['PENDING_UPDATE', 'PENDING_CANCEL', 'CANCELED', 'UNKNOWN'] as const;

/** What the venue may say of an order that was asked for because nothing was known of it. */
const FOUND = ['SUBMITTED', 'ACCEPTED', 'TRIGGERED', 'PENDING_CANCEL', 'CANCELED', 'REJECTED', 'EXPIRED'] as const;

/**
 * Which claims each state accepts. Fills are not among them: an execution is booked in any state (`stateAfterFill`).
 * Oddities that happen at real venues are allowed: an order first seen there, a cancel that failed and leaves the order
 * working, one that was given up and is seen working after all.
 */
const ALLOWED: Readonly<Record<OrderState, readonly OrderState[]>> = {
  INITIALIZED: [
    'DENIED',
    'EMULATED',
    'RELEASED',
    'PENDING_SUBMIT',
    'SUBMITTED',
    'REJECTED',
    'ACCEPTED',
    'CANCELED',
    'EXPIRED',
    'TRIGGERED',
  ],
  EMULATED: ['CANCELED', 'EXPIRED', 'RELEASED'],
  RELEASED: ['DENIED', 'PENDING_SUBMIT', 'SUBMITTED', 'CANCELED'],
  PENDING_SUBMIT: [...FOUND, 'UNKNOWN'],
  SUBMITTED: [...WORKING, 'REJECTED', 'ACCEPTED'],
  ACCEPTED: [...WORKING, 'REJECTED', 'TRIGGERED', 'EXPIRED'],
  TRIGGERED: [...WORKING, 'REJECTED', 'EXPIRED'],
  PENDING_UPDATE: [...WORKING, 'REJECTED', 'ACCEPTED', 'EXPIRED', 'TRIGGERED', 'SUBMITTED'],
  PENDING_CANCEL: ['PENDING_CANCEL', 'REJECTED', 'ACCEPTED', 'CANCELED', 'EXPIRED', 'UNKNOWN'],
  PARTIALLY_FILLED: [...WORKING, 'EXPIRED'],
  UNKNOWN: [...FOUND, 'LOST'],
  LOST: ['ACCEPTED'],
  CANCELED: ['ACCEPTED'],
  FILLED: [],
  REJECTED: ['ACCEPTED'],
  DENIED: [],
  EXPIRED: [],
};

const COUNT = ORDER_STATES.length;
const CODE = new Map<OrderState, number>(ORDER_STATES.map((state, code) => [state, code]));

/** States in which an order does not work any more. LOST is none of them: nobody has proven it. */
export const FINAL_STATES: readonly OrderState[] = ['CANCELED', 'FILLED', 'REJECTED', 'DENIED', 'EXPIRED'];

const FINAL = Uint8Array.from(ORDER_STATES, (state) => (FINAL_STATES.includes(state) ? 1 : 0));

/** `from * COUNT + event` -> next state, -1 where the event is refused. */
const TABLE = new Int8Array(COUNT * COUNT).fill(-1);
for (const from of ORDER_STATES) {
  for (const event of ALLOWED[from]) {
    // A late acknowledgement of the submission does not end a pending update.
    const to = from === 'PENDING_UPDATE' && event === 'SUBMITTED' ? from : event;
    TABLE[CODE.get(from)! * COUNT + CODE.get(event)!] = CODE.get(to)!;
  }
}

/**
 * States that a part of an order's execution leaves as they are: a request on the wire is not answered by it, and what
 * has ended does not work again.
 */
const KEPT_BY_PART = Uint8Array.from(ORDER_STATES, (state) =>
  FINAL_STATES.includes(state) || state === 'PENDING_CANCEL' || state === 'PENDING_UPDATE' ? 1 : 0,
);

const FILLED = CODE.get('FILLED')!;
const PARTIALLY_FILLED = CODE.get('PARTIALLY_FILLED')!;

/** Position of a state in `ORDER_STATES`, for columns and records. */
export function orderStateCode(state: OrderState): number {
  return CODE.get(state)!;
}

/** Code of the state after `event`, or -1 when an order in state `from` refuses it. Both are codes. */
export function nextOrderStateCode(from: number, event: number): number {
  return TABLE[from * COUNT + event]!;
}

/** Code of the state after an execution, which every state takes. `whole`: nothing of the order is left. */
export function stateAfterFill(from: number, whole: boolean): number {
  if (whole) return FILLED;
  return KEPT_BY_PART[from] === 1 ? from : PARTIALLY_FILLED;
}

/** No order in one of these works at the venue. */
export function isFinalOrderState(code: number): boolean {
  return FINAL[code] === 1;
}

/** The states through which an order gets from one to another; empty where there is no way, or it is there. */
export function statesTo(from: OrderState, target: OrderState): readonly OrderState[] {
  if (from === target) return [];
  const allows = (one: OrderState, other: OrderState): boolean =>
    nextOrderStateCode(orderStateCode(one), orderStateCode(other)) >= 0;
  if (allows(from, target)) return [target];
  const hasEnded = FINAL_STATES.includes(from);
  if (allows(from, 'ACCEPTED') && !hasEnded && allows('ACCEPTED', target)) return ['ACCEPTED', target];
  return FINAL_STATES.includes(target) && allows(from, 'CANCELED') ? ['CANCELED'] : [];
}
