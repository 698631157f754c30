import axios, { isAxiosError, type AxiosInstance, type AxiosResponse } from 'axios';
import {
  BrokenCircuitError,
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhen,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { z } from 'zod';
import { InputError } from '../errors.ts';
import { keepSecret } from '../logging/configured-secrets.ts';
import { maskSecrets } from '../logging/mask-secrets.ts';
import { MlflowError } from './mlflow-error.ts';

export interface MlflowHttpOptions {
  /** `http(s)://[user:password@]host[:port][/prefix]` */
  readonly uri: string;
  readonly username?: string | null;
  readonly password?: string | null;
  /** For a whole answer; uploads and downloads get a second more per MiB. Default 30,000. */
  readonly timeoutMs?: number;
  /** Failures in a row after which calls fail at once, until `breakMs` have passed. Default 5. */
  readonly failuresMax?: number;
  readonly breakMs?: number;
}

export interface MlflowCall {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below the prefix, with a leading slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  readonly bytes?: { readonly content: Uint8Array; readonly contentType: string };
  /** Less than the transport's, for a call that any server answers at once. */
  readonly timeoutMs?: number;
}

/** What is shown of what a server said of a failure, and of an answer that is none of MLflow's. */
const MESSAGE_MAX = 2000;
const ANSWER_SHOWN_MAX = 300;

/** A model's file. */
const FILE_BYTES_MAX = 1024 ** 3;
/** A page of a thousand runs takes a few megabytes. */
const JSON_BYTES_MAX = 64 * 1024 ** 2;
const errorAnswer = z.looseObject({ error_code: z.string(), message: z.string().default('') });

/**
 * Transport to one MLflow server: authentication, limits of time, a circuit breaker, and a clear error for every bad
 * answer.
 */
export class MlflowHttp {
  /** Safe to print. */
  readonly address: string;
  readonly #http: AxiosInstance;
  readonly #timeoutMs: number;
  readonly #breaker: CircuitBreakerPolicy;

  constructor(options: MlflowHttpOptions) {
    const { url, username, password } = readUri(options);
    this.address = url.href.replace(/\/+$/, '');
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    keepSecret([password, password === '' ? null : `${username}:${password}`]);
    this.#http = axios.create({
      baseURL: this.address,
      ...(username === '' && password === '' ? {} : { auth: { username, password } }),
      // A redirect would turn a POST into a GET, and carry the password elsewhere.
      maxRedirects: 0,
      maxBodyLength: Infinity,
      responseType: 'arraybuffer',
      validateStatus: () => true,
      // Otherwise HTTP_PROXY would send calls for this machine elsewhere.
      ...(/^(localhost|127\.|\[::1\])/.test(url.hostname) ? { proxy: false as const } : {}),
    });
    this.#breaker = circuitBreaker(
      handleWhen((error) => error instanceof MlflowError && error.isTransient),
      { halfOpenAfter: options.breakMs ?? 10_000, breaker: new ConsecutiveBreaker(options.failuresMax ?? 5) },
    );
  }

  /** The answer's JSON through `schema`. Throws MlflowError only. */
  async json<Answer>(schema: z.ZodType<Answer>, call: MlflowCall): Promise<Answer> {
    const response = await this.#send(call, JSON_BYTES_MAX);
    const text = response.data.toString('utf8');
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw this.#failed(
      'not-mlflow',
      `answered ${describeCall(call)} with ${describeAnswer(response)}`,
      response.status,
    );
  }

  /** The answer's bytes. */
  async bytes(call: MlflowCall): Promise<Buffer> {
    return (await this.#send(call, FILE_BYTES_MAX)).data;
  }

  async #send(call: MlflowCall, maxContentLength: number): Promise<AxiosResponse<Buffer>> {
    try {
      return await this.#breaker.execute(() => this.#sendOnce(call, maxContentLength));
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      throw this.#failed('unreachable', 'failed several times in a row and is left alone for a moment');
    }
  }

  async #sendOnce(call: MlflowCall, maxContentLength: number): Promise<AxiosResponse<Buffer>> {
    const { method, path, query, body, bytes } = call;
    const wholeMs = Math.min(this.#timeoutMs, call.timeoutMs ?? Infinity);
    const allowedMs = wholeMs + Math.ceil((bytes?.content.byteLength ?? 0) / 1024 ** 2) * 1000;
    const contentType = bytes?.contentType ?? (body === undefined ? undefined : 'application/json');
    let response: AxiosResponse<Buffer>;
    try {
      response = await this.#http.request<Buffer>({
        method,
        url: path,
        params: query,
        maxContentLength,
        data:
          bytes === undefined ? (body === undefined ? undefined : JSON.stringify(body)) : Buffer.from(bytes.content),
        ...(contentType === undefined ? {} : { headers: { 'content-type': contentType } }),
        // Covers the whole exchange; axios' own timeout restarts with every byte.
        signal: AbortSignal.timeout(allowedMs),
      });
    } catch (error) {
      throw this.#transportError(error, call, allowedMs);
    }
    if (response.status < 200 || response.status > 299) throw this.#statusError(response, call);
    return response;
  }

  #transportError(error: unknown, call: MlflowCall, allowedMs: number): unknown {
    if (!isAxiosError(error)) return error;
    const code = error.code ?? '';
    if (code === 'ERR_CANCELED')
      return this.#failed('timeout', `did not answer ${describeCall(call)} within ${allowedMs} ms`);
    const unsent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ERR_INVALID_URL'];
    if (unsent.includes(code)) return this.#failed('unreachable', `cannot be reached (${code})`);
    const reason = code === '' || code === 'ERR_BAD_RESPONSE' ? error.message : code;
    return this.#failed('dropped', `broke off ${describeCall(call)} (${reason})`);
  }

  #statusError(response: AxiosResponse<Buffer>, call: MlflowCall): MlflowError {
    const { status } = response;
    const answer = errorAnswer.safeParse(parseJson(response.data.toString('utf8')));
    const errorCode = answer.success ? answer.data.error_code : null;
    const said = answer.success ? `${answer.data.error_code}: ${answer.data.message}` : describeAnswer(response);
    const message = `answered ${describeCall(call)} with ${status} ${said}`;
    const failureOf = (): MlflowError['failure'] => {
      if (status === 401) return 'unauthorized';
      if (status === 403) return 'forbidden';
      if (status === 429 || (status >= 502 && status <= 504)) return 'overloaded';
      if (status >= 500) return 'server-error';
      return answer.success || status === 413 ? 'refused' : 'not-mlflow';
    };
    return this.#failed(failureOf(), message, status, errorCode);
  }

  #failed(
    failure: MlflowError['failure'],
    what: string,
    status: number | null = null,
    errorCode: string | null = null,
  ): MlflowError {
    const message = maskSecrets(`MLflow at ${this.address} ${what}`, MESSAGE_MAX);
    return new MlflowError(failure, message, { status, errorCode });
  }
}

function readUri({ uri, username, password }: MlflowHttpOptions): { url: URL; username: string; password: string } {
  const remedy = 'MLFLOW_TRACKING_URI is like http://127.0.0.1:5000.';
  if (!URL.canParse(uri)) throw new InputError(`The address of the MLflow server is not a URL.`, remedy);
  const url = new URL(uri);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new InputError(`The address of the MLflow server starts with ${url.protocol}`, remedy);
  }
  const given = {
    username: username ?? decodeURIComponent(url.username),
    password: password ?? decodeURIComponent(url.password),
  };
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  return { url, ...given };
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is an answer of its own: every schema refuses undefined.
    return undefined;
  }
}

function describeCall({ method, path }: MlflowCall): string {
  return `${method.toUpperCase()} ${path}`;
}

/** The answer on one line: HTML without its tags. */
function describeAnswer(response: AxiosResponse<Buffer>): string {
  if (response.status >= 300 && response.status < 400) return `a redirect to ${String(response.headers['location'])}`;
  // Each pattern ends where the next one could begin, or with the text: an answer full of openings costs no more than
  // another.
  const text = response.data.toString('utf8').replace(/<(script|style)\b[^]*?(?:<\/\1>|$)/gi, ' ');
  const plain = text
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const type = String(response.headers['content-type'] ?? 'no content type').split(';')[0]!;
  return `(${type}) ${maskSecrets(plain, ANSWER_SHOWN_MAX)}`;
}
