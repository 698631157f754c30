/** Longest list that a message repeats as a whole. */
const SHOWN_LENGTH = 80;

/** A text that a message repeats, cut where it is long. */
export function shown(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}...` : text;
}

/**
 * A mistake in the text of a feature or in what is asked of a feature set: exit code 2. The message carries what was
 * written and the one-based position of the mistake in it.
 */
export class FeatureError extends Error {
  readonly exitCode = 2;
  readonly remedy: string;
  /** What was written, the whole list where it is one; or the empty string. */
  readonly expression: string;
  /** One-based character position in `expression`; 0 when the whole of it is meant. */
  readonly position: number;
  readonly #problem: string;

  constructor(
    problem: string,
    options: { remedy?: string; expression?: string; position?: number; member?: string } = {},
  ) {
    const { expression = '', position = 0, member = '' } = options;
    const written =
      expression.length > SHOWN_LENGTH && member !== '' ? `the list, in "${shown(member)}"` : `"${shown(expression)}"`;
    super(expression === '' || position === 0 ? problem : `${problem} (at character ${position} of ${written})`);
    this.name = 'FeatureError';
    this.remedy = options.remedy ?? '';
    this.expression = expression;
    this.position = position;
    this.#problem = problem;
  }

  /** The same mistake in the list that the expression is a member of, `offset` characters after its beginning. */
  within(list: string, offset: number): FeatureError {
    const { remedy, expression: member, position } = this;
    const problem = this.#problem;
    if (list === member || position === 0) return this;
    return new FeatureError(problem, { remedy, expression: list, position: position + offset, member });
  }
}
