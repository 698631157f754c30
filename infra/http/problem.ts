import { z } from 'zod';
import { InputError, SignalboxError } from '../errors.ts';
import { isUnstorableText } from '../postgres/database-error.ts';
import { YamlError } from '../files/yaml-file.ts';

/** What is wrong with one part of a request. */
const faultSchema = z.object({
  path: z.string(),
  message: z.string(),
  line: z.int().nullable().optional().meta({ description: 'of a text that was sent, from 1' }),
});
export type Fault = z.infer<typeof faultSchema>;

/** An answer that says what went wrong, as RFC 9457 has it. */
const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    correlationId: z.string(),
    errors: z.array(faultSchema).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;

export const PROBLEM_TYPE = 'application/problem+json';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Unsupported media type',
  421: 'Misdirected',
  422: 'Refused',
  426: 'Upgrade required',
  429: 'Too many requests',
  431: 'Too long a head',
  500: 'Failed',
  503: 'Not ready',
};

/** What a handler throws where a request cannot be done: status, a code for programs, and words for people. */
export class HttpProblem extends SignalboxError {
  readonly status: number;
  readonly code: string;
  readonly faults: readonly Fault[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    more: { faults?: readonly Fault[]; headers?: Readonly<Record<string, string>>; remedy?: string } = {},
  ) {
    super(detail, { remedy: more.remedy ?? '' });
    this.status = status;
    this.code = code;
    this.faults = more.faults;
    this.headers = more.headers ?? {};
  }
}

const PROBLEM = { description: 'What went wrong.', content: { [PROBLEM_TYPE]: { schema: problemSchema } } };
/** What any route may answer beside its own, as its description has it. */
export const PROBLEMS = { '4xx': PROBLEM, '5xx': PROBLEM };

/** The problem that an error is told as. What we did not foresee tells nothing of itself: the log has it. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof YamlError) {
    const faults = error.mistakes.map(({ key, message, line }) => ({ path: key, message, line }));
    return new HttpProblem(422, 'bad-yaml', error.message, { remedy: error.remedy, faults });
  }
  if (error instanceof InputError) {
    const code = /^(there is no|there are no|unknown) /i.test(error.message) ? 'not-found' : 'bad-input';
    return new HttpProblem(code === 'not-found' ? 404 : 422, code, error.message, { remedy: error.remedy });
  }
  if (isUnstorableText(error)) {
    const words = 'A text has a character that cannot be kept: U+0000, or half of a pair.';
    return new HttpProblem(422, 'bad-text', words, { remedy: 'Leave it out.' });
  }
  if (error instanceof SignalboxError) {
    return new HttpProblem(503, 'not-available', error.message, { remedy: error.remedy });
  }
  return new HttpProblem(
    500,
    'failed',
    'This was not foreseen: the log of the service has it under the correlation id.',
  );
}

export function problemBody({ status, code, message, remedy, faults }: HttpProblem, correlationId: string): Problem {
  const detail = remedy === '' ? message : `${message} ${remedy}`;
  return {
    type: `urn:signalbox:problem:${code}`,
    title: TITLES[status] ?? 'Failed',
    status,
    detail,
    code,
    correlationId,
    ...(faults === undefined ? {} : { errors: [...faults] }),
  };
}
