/** One rule of the contract of a kind of file. */
export interface OwnRule {
  /** What holds where it holds: `values are finite`. */
  readonly says: string;
  /** What breaks it, each with its place; none where it holds. A mistake of the file that is thrown breaks it too. */
  broken(): readonly string[] | Promise<readonly string[]>;
}
