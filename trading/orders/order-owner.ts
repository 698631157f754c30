/** One of several strategies of an account, whose order something is. Made once and shared. */
export interface OrderOwner {
  /** From 1, in the order of the experiment; records hold it. */
  readonly number: number;
  readonly name: string;
}
