import axios, { isAxiosError } from 'axios';

const ANSWER_MAX_BYTES = 64 * 1024;
/** Of what a server says about a message that it does not take. */
const WORDS_MAX = 200;

/** What is posted, and what may be shown of it. */
export interface PostOptions {
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that did not take what was posted; its status, or null where there was no answer. */
export class PostRefused extends Error {
  readonly status: number | null;

  constructor(words: string, status: number | null) {
    super(words);
    this.status = status;
  }
}

/**
 * Posts JSON, or bytes as they are, to an address that is a secret. Resolves to the text of an answer from 200 to 299.
 * @throws PostRefused with words alone: what the library's error holds besides, the address among it, goes nowhere
 */
export async function postMessage(url: string, body: unknown, { signal, headers }: PostOptions): Promise<string> {
  try {
    const answer = await axios.post<string>(url, body, {
      signal,
      headers: { ...headers },
      // A redirect would hand on to another server what the address is to keep.
      maxRedirects: 0,
      maxContentLength: ANSWER_MAX_BYTES,
      responseType: 'text',
    });
    return answer.data;
  } catch (error) {
    throw new PostRefused(wordsOf(error, signal), isAxiosError(error) ? (error.response?.status ?? null) : null);
  }
}

function wordsOf(error: unknown, signal: AbortSignal): string {
  const response = isAxiosError(error) ? error.response : undefined;
  if (response === undefined) {
    if (signal.aborted) return 'no answer in time';
    return isAxiosError(error) ? `no answer (${error.code ?? 'unknown'})` : 'the request failed';
  }
  const words = typeof response.data === 'string' ? response.data.replace(/\s+/g, ' ').trim().slice(0, WORDS_MAX) : '';
  return words === '' ? `HTTP ${response.status}` : `HTTP ${response.status}: ${words}`;
}
