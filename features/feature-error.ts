/**
 * A mistake in the text of a feature or in what is asked of a feature set: exit code 2. The message carries the expression and the
 * one-based position of the mistake in it.
 */
export class FeatureError extends Error {
  readonly exitCode = 2;
  readonly remedy: string;
  /** The expression at fault, or the empty string. */
  readonly expression: string;
  /** One-based character position in `expression`; 0 when the whole of it is meant. */
  readonly position: number;

  constructor(message: string, options: { remedy?: string; expression?: string; position?: number } = {}) {
    const { expression = '', position = 0 } = options;
    super(expression === '' || position === 0 ? message : `${message} (at character ${position} of "${expression}")`);
    this.name = 'FeatureError';
    this.remedy = options.remedy ?? '';
    this.expression = expression;
    this.position = position;
  }
}
