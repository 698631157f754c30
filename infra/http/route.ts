import type { z } from 'zod';
import type { Identity } from '../auth/identity.ts';
import type { Permission } from '../auth/roles.ts';
import type { CommandContext } from '../command.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A request as a handler sees it: checked, and by somebody who may. */
export interface RouteRequest<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Who asks. Of an open route whoever: then it has no role. */
  readonly identity: Identity | null;
  /** What commands are given, with whoever asks as the operator. */
  readonly context: CommandContext;
  readonly correlationId: string;
  /** Names the request, for one client and key: it is the same when it is made again. Null without a key. */
  readonly request: string | null;
  readonly address: string;
  readonly cookies: Readonly<Record<string, string | undefined>>;
}

/** A cookie that an answer sets; an empty value removes it. */
export interface SetCookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly httpOnly: boolean;
  readonly seconds: number;
  /** `lax`: it comes along where another site leads here. */
  readonly sameSite?: 'strict' | 'lax';
}

/** What a handler answers, where it is more than a value. */
export class RouteAnswer {
  readonly status: number;
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly SetCookie[];
  /** Content type of a text that is sent as it is; null for a value that is sent as JSON. */
  readonly type: string | null;

  constructor(
    status: number,
    value: unknown,
    more: { headers?: Readonly<Record<string, string>>; cookies?: readonly SetCookie[]; type?: string } = {},
  ) {
    this.status = status;
    this.value = value;
    this.headers = more.headers ?? {};
    this.cookies = more.cookies ?? [];
    this.type = more.type ?? null;
  }
}

/** A route as plain data. */
export interface Route {
  readonly method: Method;
  /** With `:name` for what `params` describes. */
  readonly path: string;
  /** `open` needs no token. */
  readonly permission: Permission | 'open';
  readonly summary: string;
  readonly tag: string;
  readonly params?: z.ZodType | undefined;
  readonly query?: z.ZodType | undefined;
  readonly body?: z.ZodType | undefined;
  /** What is answered, by status; errors are problems without being named here. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
  /** Content type of answers that are no JSON; of those with a body. */
  readonly answerType?: string;
  /** The answer has a secret that is shown once: it is kept for no key. */
  readonly shownOnce?: boolean;
  /** Largest body, where it is not the usual one. */
  readonly bodyLimit?: number;
  /**
   * Of a GET whose answer depends on nothing of whoever asks but the sessions they see, and does not change by what
   * clients do: for so long the same is answered to the same question.
   */
  readonly keptMs?: number;
  /** It changes nothing, whatever its method: it is done as often as it is asked for, and no answer is kept. */
  readonly isLook?: boolean;
  /**
   * Done again by the same key it changes nothing more, and answers what came of the first: what was cut short, as when
   * the process was killed, may be asked for again.
   */
  readonly isRepeatable?: boolean;
  readonly handle: (request: RouteRequest<never, never, never>) => Promise<unknown>;
}

interface Described<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> extends Omit<
  Route,
  'params' | 'query' | 'body' | 'handle'
> {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly handle: (request: RouteRequest<z.infer<Params>, z.infer<Query>, z.infer<Body>>) => Promise<unknown>;
}

/** A route whose handler is given what its schemas say. */
export function route<
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(described: Described<Params, Query, Body>): Route {
  return described as unknown as Route;
}
