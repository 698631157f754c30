/** The life of an order. States and events share names: an event says which state the venue or we now claim. */
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
] as const;

export type OrderState = (typeof ORDER_STATES)[number];

const WORKING = ['PENDING_UPDATE', 'PENDING_CANCEL', 'CANCELED', 'PARTIALLY_FILLED', 'FILLED'] as const;

/**
 * Which claims each state accepts. Oddities that happen at real venues are allowed: an order first seen there, a fill
 * that crossed a cancel on the wire, a cancel that failed and leaves the order working.
 */
const ALLOWED: Readonly<Record<OrderState, readonly OrderState[]>> = {
  INITIALIZED: [
    'DENIED',
    'EMULATED',
    'RELEASED',
    'SUBMITTED',
    'REJECTED',
    'ACCEPTED',
    'CANCELED',
    'EXPIRED',
    'TRIGGERED',
  ],
  EMULATED: ['CANCELED', 'EXPIRED', 'RELEASED'],
  RELEASED: ['DENIED', 'SUBMITTED', 'CANCELED'],
  SUBMITTED: [...WORKING, 'REJECTED', 'ACCEPTED'],
  ACCEPTED: [...WORKING, 'REJECTED', 'TRIGGERED', 'EXPIRED'],
  TRIGGERED: [...WORKING, 'REJECTED', 'EXPIRED'],
  PENDING_UPDATE: [...WORKING, 'REJECTED', 'ACCEPTED', 'EXPIRED', 'TRIGGERED', 'SUBMITTED'],
  PENDING_CANCEL: ['PENDING_CANCEL', 'REJECTED', 'ACCEPTED', 'CANCELED', 'EXPIRED', 'PARTIALLY_FILLED', 'FILLED'],
  PARTIALLY_FILLED: [...WORKING, 'EXPIRED'],
  CANCELED: ['PARTIALLY_FILLED', 'FILLED'],
  FILLED: [],
  REJECTED: [],
  DENIED: [],
  EXPIRED: [],
};

const COUNT = ORDER_STATES.length;
const CODE = new Map<OrderState, number>(ORDER_STATES.map((state, code) => [state, code]));

const FIRST_FINAL = ORDER_STATES.indexOf('CANCELED');

/** States in which an order does not work any more. */
export const FINAL_STATES: readonly OrderState[] = ORDER_STATES.slice(FIRST_FINAL);

/** `from * COUNT + event` -> next state, -1 where the event is refused. */
const TABLE = new Int8Array(COUNT * COUNT).fill(-1);
for (const from of ORDER_STATES) {
  for (const event of ALLOWED[from]) {
    // A late acknowledgement of the submission does not end a pending update.
    const to = from === 'PENDING_UPDATE' && event === 'SUBMITTED' ? from : event;
    TABLE[CODE.get(from)! * COUNT + CODE.get(event)!] = CODE.get(to)!;
  }
}

/** Position of a state in `ORDER_STATES`, for columns and records. */
export function orderStateCode(state: OrderState): number {
  return CODE.get(state)!;
}

/** Code of the state after `event`, or -1 when an order in state `from` refuses it. Both are codes. */
export function nextOrderStateCode(from: number, event: number): number {
  return TABLE[from * COUNT + event]!;
}

/** No order in one of these works at the venue. A late fill can still reopen CANCELED. */
export function isFinalOrderState(code: number): boolean {
  return code >= FIRST_FINAL;
}
