/** One of several strategies of an account, whose order something is. Made once and shared. */
export interface OrderOwner {
  /** From 1, in the order of the experiment; records hold it. */
  readonly number: number;
  readonly name: string;
}

/** What an order, or a group of orders, of one strategy is called among those of all. */
export function ownedName({ number }: OrderOwner, name: string): string {
  return `${number}:${name}`;
}

/** The same as its strategy gave it. */
export function givenName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
