import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { MlflowClient } from './mlflow-client.ts';
import { MlflowError, type MlflowFailure } from './mlflow-error.ts';

interface BadAnswer {
  readonly name: string;
  readonly listener: RequestListener;
  readonly failure: MlflowFailure;
  readonly says: string;
  /** Whether the server may have acted before it answered so. */
  readonly acted: boolean;
}

/** What stands at MLFLOW_TRACKING_URI when it is not a healthy MLflow: each answer means something of its own. */
describe('a server that answers badly', () => {
  const closing: (() => void)[] = [];
  afterEach(() => closing.splice(0).forEach((close) => close()));

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const answer =
    (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
    (_request, response) =>
      void response.writeHead(status, headers).end(body);

  async function failureOf(uri: string, options: { timeoutMs?: number; password?: string } = {}): Promise<MlflowError> {
    const client = new MlflowClient({ uri, breakMs: 1, ...options });
    const failed: unknown = await client.createExperiment('e', {}).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(MlflowError);
    return failed as MlflowError;
  }

  const HTML = '<!doctype html><title>Log in</title><script>secret()</script><h1>Welcome</h1>';
  const refusal = JSON.stringify({ error_code: 'INVALID_PARAMETER_VALUE', message: 'no such thing' });

  it.each(['<', '<script', '<script></style>', 'a-', 'password="', '://a:', ' ', 'token'])(
    'reads an answer of a megabyte full of %j in no time',
    async (piece) => {
      const body = piece.repeat(1_000_000 / piece.length);
      for (const text of [body, JSON.stringify({ error_code: 'INTERNAL_ERROR', message: body })]) {
        const host = await serve(answer(500, text));
        const started = performance.now();
        expect((await failureOf(`http://${host}`)).message.length).toBeLessThanOrEqual(2_000);
        // Where the work is quadratic it is half an hour; milliseconds otherwise, and more on a busy machine.
        expect(performance.now() - started).toBeLessThan(60_000);
      }
    },
  );

  it('shows no part of a secret that stands where its answer is cut', async () => {
    for (const before of [150, 250, 290, 1_900, 1_990]) {
      const body = `${'x'.repeat(before)} sesame-sesame-sesame-sesame`;
      for (const text of [body, JSON.stringify({ error_code: 'INTERNAL_ERROR', message: body })]) {
        const host = await serve(answer(500, text));
        const { message } = await failureOf(`http://me:sesame-sesame-sesame-sesame@${host}`);
        expect(message).not.toContain('sesame');
      }
    }
  });

  it.each<BadAnswer>([
    {
      name: 'HTML with 200',
      listener: answer(200, HTML, { 'content-type': 'text/html' }),
      failure: 'not-mlflow',
      says: 'Log in Welcome',
      acted: false,
    },
    {
      name: 'JSON of another API',
      listener: answer(200, '{"hello":1}'),
      failure: 'not-mlflow',
      says: 'hello',
      acted: false,
    },
    { name: 'an empty 200', listener: answer(200, ''), failure: 'not-mlflow', says: 'POST', acted: false },
    {
      name: 'HTML 404',
      listener: answer(404, HTML, { 'content-type': 'text/html' }),
      failure: 'not-mlflow',
      says: '404',
      acted: false,
    },
    {
      name: 'a redirect',
      listener: answer(302, '', { location: 'https://login.example/' }),
      failure: 'not-mlflow',
      says: 'login.example',
      acted: false,
    },
    { name: '401', listener: answer(401, 'who are you'), failure: 'unauthorized', says: 'who are you', acted: false },
    {
      name: 'the host check',
      listener: answer(403, 'Invalid Host header'),
      failure: 'forbidden',
      says: 'Invalid Host header',
      acted: false,
    },
    {
      name: 'a refusal',
      listener: answer(400, refusal),
      failure: 'refused',
      says: 'INVALID_PARAMETER_VALUE: no such thing',
      acted: false,
    },
    {
      name: 'a missing resource',
      listener: answer(404, refusal),
      failure: 'refused',
      says: 'no such thing',
      acted: false,
    },
    { name: '413', listener: answer(413, 'too large'), failure: 'refused', says: 'too large', acted: false },
    { name: '429', listener: answer(429, 'slow down'), failure: 'overloaded', says: 'slow down', acted: true },
    {
      name: '503 of a gateway',
      listener: answer(503, '<h1>Bad</h1>'),
      failure: 'overloaded',
      says: '503',
      acted: true,
    },
    {
      name: '500',
      listener: answer(500, '{"error_code":"INTERNAL_ERROR"}'),
      failure: 'server-error',
      says: 'INTERNAL_ERROR',
      acted: true,
    },
    {
      name: 'more than any answer of MLflow',
      listener: (_request, response) => {
        for (let at = 0; at < 70; at++) response.write('[' + '1,'.repeat(524_288));
        response.end();
      },
      failure: 'dropped',
      says: 'maxContentLength',
      acted: true,
    },
    {
      name: 'what no text holds',
      listener: answer(400, '{"error_code":"BAD","message":"a\\u0000b \\ud83d"}'),
      failure: 'refused',
      says: 'BAD: a\ufffdb \ufffd',
      acted: false,
    },
    {
      name: 'a cut connection',
      listener: (request) => request.socket.destroy(),
      failure: 'dropped',
      says: 'broke off',
      acted: true,
    },
  ])('$name', async ({ listener, failure, says, acted }) => {
    const error = await failureOf(`http://${await serve(listener)}`);
    expect(error).toMatchObject({ failure, mayHaveActed: acted });
    expect(error.message).toContain(says);
    expect(error.message).not.toContain('<');
    if (failure !== 'refused') expect(error.remedy).not.toBe('');
  });

  it('an answer that never ends, however it trickles, runs out of time', async () => {
    const host = await serve((_request, response) => {
      const timer = setInterval(() => response.write(' '), 20);
      closing.push(() => clearInterval(timer));
    });
    const error = await failureOf(`http://${host}`, { timeoutMs: 200 });
    expect(error).toMatchObject({ failure: 'timeout', mayHaveActed: true });
  });

  it('nobody listens', async () => {
    const host = await serve(() => undefined);
    closing.splice(0).forEach((close) => close());
    expect(await failureOf(`http://${host}`)).toMatchObject({ failure: 'unreachable', mayHaveActed: false });
    expect(await failureOf('http://does-not-exist.invalid')).toMatchObject({ mayHaveActed: false });
  });

  it('says the password to the server and to nobody else', async () => {
    const password = 'pä/ss word+1';
    let received = '';
    // An echo: what a debugging proxy would show.
    const host = await serve((request, response) => {
      received = request.headers.authorization ?? '';
      response
        .writeHead(500)
        .end(`${received} ${password} http://joe:${encodeURIComponent(password)}@${request.headers.host}`);
    });
    const error = await failureOf(`http://joe:${encodeURIComponent(password)}@${host}`);
    expect(Buffer.from(received.replace('Basic ', ''), 'base64').toString()).toBe(`joe:${password}`);
    const everything = `${inspect(error, { depth: 10, showHidden: true })} ${error.stack} ${JSON.stringify(error)}`;
    for (const secret of [password, encodeURIComponent(password), received.replace('Basic ', '')]) {
      expect(everything).not.toContain(secret);
    }
    expect(error.message).toContain('***');
    expect(error.message).toContain(host);
  });

  it('keeps a path prefix, and takes user and password given apart', async () => {
    let seen: unknown;
    const host = await serve((request, response) => {
      seen = [request.url, Buffer.from(request.headers.authorization!.replace('Basic ', ''), 'base64').toString()];
      response.end('{"experiment_id":"7"}');
    });
    const client = new MlflowClient({ uri: `http://${host}/team/mlflow/`, username: 'joe', password: 'pw' });
    expect(await client.createExperiment('e', {})).toBe('7');
    expect(seen).toEqual(['/team/mlflow/api/2.0/mlflow/experiments/create', 'joe:pw']);
  });

  it('is left alone for a moment after several failures in a row, then asked again', async () => {
    let calls = 0;
    let healthy = false;
    const host = await serve((_request, response) => {
      calls += 1;
      response.writeHead(healthy ? 200 : 503).end('{"experiment_id":"7"}');
    });
    const client = new MlflowClient({ uri: `http://${host}`, failuresMax: 3, breakMs: 150 });
    const create = () => client.createExperiment('e', {});
    for (let i = 0; i < 6; i++) await expect(create()).rejects.toBeInstanceOf(MlflowError);
    expect(calls).toBe(3);
    await expect(create()).rejects.toMatchObject({ failure: 'unreachable', mayHaveActed: false });
    healthy = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await create()).toBe('7');
  });
});
