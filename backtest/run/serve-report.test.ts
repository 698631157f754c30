import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveReport, type ServedReport } from './serve-report.ts';

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

describe('the server of a report', () => {
  let folder: string;
  let served: ServedReport;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'served-'));
    writeFileSync(join(folder, 'report.html'), '<p>the report</p>');
    served = await serveReport(join(folder, 'report.html'), null);
  });
  afterAll(async () => {
    await served.close();
    rmSync(folder, { recursive: true });
  });

  const ask = (host: string, path = '/'): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const asked = request(new URL(path, served.url), { headers: { host } }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
      });
      asked.once('error', reject).end();
    });
  const port = (): string => new URL(served.url).port;

  it.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])('answers to %s', async (name) => {
    expect(await ask(`${name}:${port()}`)).toMatchObject({ status: 200, body: '<p>the report</p>' });
    expect((await ask(name)).status).toBe(200);
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example@localhost',
    'localhost:1:2',
    '192.168.0.1',
    '::1',
    '.',
  ])('gives nothing to a page that calls it %s', async (name) => {
    for (const path of ['/', '/no-such-path', '/%zz']) {
      const { status, body } = await ask(name, path);
      expect(status).toBe(421);
      expect(body).not.toContain('the report');
    }
  });

  it('gives nothing where no name is called', async () => {
    const socket = connect(Number(port()), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.write('GET / HTTP/1.0\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    expect(answer).toMatch(/^HTTP\/1\.1 (400|421) /);
    expect(answer).not.toContain('the report');
  });

  it.each([
    ['localhost', '/'],
    ['localhost', '/no-such-path'],
    ['localhost', '/%zz'],
    ['evil.example', '/'],
    ['evil.example', '/%zz'],
  ])('lets no page run, frame or watch it: %s%s', async (host, path) => {
    const { headers } = await ask(host, path);
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "frame-ancestors 'none'", "form-action 'none'"]),
    );
    expect(policy.filter((rule) => rule.includes('script'))).toEqual([
      expect.stringMatching(/^script-src 'sha256-[\w+/]{43}='$/),
    ]);
  });
});
