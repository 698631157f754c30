import type { Problem } from '../../../../infra/http/problem.ts';
import { keepSignedIn, signedOut } from './signed-in.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** An answer of the service that says what went wrong. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly correlationId: string | null;

  constructor(status: number, problem: Partial<Problem>) {
    const faults = problem.errors?.map(({ path, message }) => `${path}: ${message}`) ?? [];
    super([problem.detail ?? `The service answered ${status}.`, ...faults].join('\n'));
    this.status = status;
    this.code = problem.code ?? 'failed';
    this.correlationId = problem.correlationId ?? null;
  }
}

/** No answer at all: the service is away, or the way to it. */
export class NoAnswer extends Error {}

export interface Asking {
  readonly body?: unknown;
  /** An open route: nobody has to be signed in. */
  readonly open?: boolean;
  readonly signal?: AbortSignal;
  /** Names the deed: what is asked again by the same key is done once. One of its own by default. */
  readonly key?: string;
}

/** Asks the service. @throws Refused for a problem, NoAnswer where there is none */
export async function ask<Answer>(method: Method, path: string, asking: Asking = {}): Promise<Answer> {
  if (asking.open !== true) await keepSignedIn();
  const answer = await send(method, path, asking);
  if (answer.status === 204) return undefined as Answer;
  const isJson = /[/+]json/.test(answer.headers.get('content-type') ?? '');
  const value = isJson ? ((await answer.json()) as unknown) : {};
  if (answer.ok) return value as Answer;
  if (answer.status === 401 && asking.open !== true) signedOut();
  throw new Refused(answer.status, value as Partial<Problem>);
}

async function send(method: Method, path: string, { body, signal, key = newKey() }: Asking): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET') {
    headers['x-csrf-token'] = cookie('signalbox_csrf') ?? '';
    // One click is one deed, however often the network asks for it.
    headers['idempotency-key'] = key;
  }
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new NoAnswer('The service does not answer. It is asked again.', { cause: error });
  }
}

function cookie(name: string): string | null {
  const found = document.cookie.split('; ').find((one) => one.startsWith(`${name}=`));
  return found === undefined ? null : decodeURIComponent(found.slice(name.length + 1));
}

export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What is asked for beside a path. */
export type Asked = Readonly<Record<string, string | number | boolean | undefined>>;

/** A path with what is asked; what is undefined is left out. */
export function withQuery(path: string, query: Asked): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}
