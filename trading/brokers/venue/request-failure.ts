import type { z } from 'zod';
import { SignalboxError } from '../../../infra/errors.ts';
import { cutText } from '../../../infra/logging/storable-text.ts';

/** Before a connection was there, nothing can have arrived. */
export const NOT_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** The error of our own deadline: `sent` tells whether the request had left. */
export class DeadlinePassed extends Error {
  readonly sent: boolean;

  constructor(deadlineMs: number, sent: boolean) {
    super(sent ? `no answer within ${deadlineMs / 1000} s` : `no turn to be sent within ${deadlineMs / 1000} s`);
    this.sent = sent;
  }
}

/**
 * What a connection failed with, down its chain of causes, five deep: their codes and their words.
 * @param tells whether the words of one of them tell anybody anything; all do by default
 */
export function failureCauses(
  error: unknown,
  tells: (one: Error) => boolean = () => true,
): { readonly codes: readonly string[]; readonly words: string } {
  const codes: string[] = [];
  const words: string[] = [];
  const look = (one: unknown, depth: number): void => {
    if (!(one instanceof Error) || depth > 4) return;
    const { code } = one as { code?: unknown };
    if (typeof code === 'string') codes.push(code);
    if (one.message !== '' && tells(one)) {
      words.push(typeof code === 'string' && !one.message.includes(code) ? `${one.message} ${code}` : one.message);
    }
    if (one instanceof AggregateError) for (const part of one.errors.slice(0, 2)) look(part, depth + 1);
    look(one.cause, depth + 1);
  };
  look(error, 0);
  return { codes, words: words.length === 0 ? String(error) : [...new Set(words)].join(': ') };
}

/** An answer that is none of the venue's. Its words are free of secrets. */
export class GarbledAnswer extends SignalboxError {
  constructor(words: string) {
    super(cutText(words, 300), { remedy: 'It is asked again; nothing was concluded from it.' });
  }
}

/** How a venue's answers are read. */
export interface AnswerReader {
  readonly parse: (text: string) => unknown;
  /** The error for an answer that cannot be right. */
  readonly garbled: (what: string, detail: string) => GarbledAnswer;
}

/** The text of an answer as `schema` describes it. @throws GarbledAnswer */
export function readAnswerBy<T>({ parse, garbled }: AnswerReader, schema: z.ZodType<T>, text: string, what: string): T {
  let json: unknown;
  try {
    json = parse(text);
  } catch (error) {
    throw garbled(what, `not JSON after ${text.length} characters: ${(error as Error).message}`);
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw garbled(what, `${path.join('.') || 'the answer'}: ${message}`);
}
