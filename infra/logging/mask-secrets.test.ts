import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { keepSecret, passwordsOf } from './configured-secrets.ts';
import { maskJson, maskSecrets } from './mask-secrets.ts';

const ODD = 'p@ss/w:o rd"\\é+&<\'';
/** Any text but the mark itself, which stands in masked texts. */
const secrets = fc.string({ unit: 'binary', minLength: 6, maxLength: 40 }).filter((text) => !/\*|^[\s.]*$/.test(text));
const texts = fc.string({
  unit: fc.constantFrom(...'abz:/@="\'\\ ,{}\n', '://', 'password=', '"token":', 'Bearer '),
  maxLength: 60,
});

/** Long enough to be measured, and to fill a cache line or two. */
const times = (text: string, length: number): string => text.repeat(Math.ceil(length / text.length)).slice(0, length);

describe('maskSecrets', () => {
  beforeAll(() => keepSecret([ODD, 'hunter22', '12345678']));

  it.each([
    ['postgres://me:sesame@host:5432/db?x=1', 'postgres://me:***@host:5432/db?x=1'],
    ['redis://:sesame@host', 'redis://:***@host'],
    ['two http://a:b@c and http://d:e@f', 'two http://a:***@c and http://d:***@f'],
    ['postgres://me:a@b/c:d?e#f@host/db', 'postgres://me:***@host/db'],
    ['"url":"postgres:\\/\\/me:a@b\\/c@host\\/db"', '"url":"postgres:\\/\\/me:***@host\\/db"'],
    ['http://host/path?mail=me@host', 'http://host/path?mail=me@host'],
    ['http://host:5000/api and me@host', 'http://host:5000/api and me@host'],
    ['password=sesame&user=me', 'password=***&user=me'],
    ['api_key: "a b c", more', 'api_key: "***", more'],
    ['{"password":"sesame"}', '{"password":"***"}'],
    ['{"password":"a\\"b\\\\","user":"me"}', '{"password":"***","user":"me"}'],
    ['{"msg":"{\\"token\\":\\"a\\\\\\"b\\",\\"user\\":1}"}', '{"msg":"{\\"token\\":\\"***\\",\\"user\\":1}"}'],
    ['{"apiKey": 4711, "secret": null, "token": ["x"]}', '{"apiKey": "***", "secret": null, "token": ["x"]}'],
    ["{'secretKey': 'sesame', 'n': 1}", "{'secretKey': '***', 'n': 1}"],
    ['GET https://h/v2?adjusted=false&apiKey=sesame&x=1', 'GET https://h/v2?adjusted=false&apiKey=***&x=1'],
    [
      'ALPACA_API_SECRET_KEY=sesame apca-api-secret-key: sesame, tokens: 5',
      'ALPACA_API_SECRET_KEY=*** apca-api-secret-key: ***, tokens: 5',
    ],
    ['Authorization: Digest a="b", c=d\nHost: h', 'Authorization: ***"b", c=d\nHost: h'],
    ['{"Authorization":"Basic c2VzYW1l","Host":"h"}', '{"Authorization":"***","Host":"h"}'],
    ['["authorization","Bearer abcDEF123.x"]', '["authorization","Bearer ***"]'],
    ['basic authentication failed', 'basic authentication failed'],
    ['set-cookie: session=abc; path=/', 'set-cookie: ***'],
    ['{"key":"vendor.apiKey","value":"sesame"}', '{"key":"vendor.apiKey","value":"***"}'],
    ['said hunter22!', 'said ***!'],
  ])('%s', (text, masked) => expect(maskSecrets(text)).toBe(masked));

  it('hides a configured value in every spelling', () => {
    const base64 = (before: string): string => Buffer.from(`${before}${ODD}:x`).toString('base64');
    const address = new URL('http://host');
    address.password = ODD;
    const spellings = [
      ...[ODD, encodeURIComponent(ODD), encodeURI(ODD), address.password, JSON.stringify(ODD).slice(1, -1)],
      new URLSearchParams({ x: ODD }).toString().slice(2),
      encodeURIComponent(ODD).replace(/%../g, (code) => code.toLowerCase()),
      JSON.stringify(JSON.stringify(ODD)).slice(3, -3),
      // As Go, Flask, Python and PHP write JSON.
      String.raw`p@ss/w:o rd\"\\é+\u0026\u003c'`,
      String.raw`p@ss/w:o rd\"\\é+\u0026\u003c\u0027`,
      String.raw`p@ss/w:o rd\"\\\u00e9+&<'`,
      String.raw`p@ss/w:o rd\"\\\u00E9+&<'`,
      String.raw`p@ss\/w:o rd\"\\\u00e9+&<'`,
      ...['', 'a', 'ab', 'user:'].map(base64),
      ...['', 'a', 'ab'].map((before) => Buffer.from(`${before}${ODD}`).toString('base64url')),
    ];
    for (const spelling of spellings) {
      const masked = maskSecrets(`(${spelling})`);
      expect(masked).toContain('***');
      // At most the characters that base64 shares with the neighbours are left.
      expect(masked.replace('***', '').length, masked).toBeLessThanOrEqual(14);
    }
  });

  it('hides whatever password a URL carries, also where the text is cut inside it', () => {
    const password = fc.string({ unit: fc.constantFrom(...'ab1@/:?#%&=+'), minLength: 1, maxLength: 30 });
    const cases = fc.property(password, fc.nat(60), (word, cut) => {
      const text = `cannot reach postgres://me:${word}@host/db (refused)`;
      expect(maskSecrets(text)).toBe('cannot reach postgres://me:***@host/db (refused)');
      expect('cannot reach postgres://me:***@host/db (refused)').toContain(maskSecrets(text, cut));
    });
    fc.assert(cases, { numRuns: 300 });
  });

  it('hides a password whose end stands beyond what is read', () => {
    const masked = maskSecrets(`see postgres://me:${'x'.repeat(100_000)}@host/db`, 200);
    expect(masked).toBe('see postgres://me:***');
    expect(maskSecrets(`{"apiKey":"${'x'.repeat(100_000)}"}`, 200)).toBe('{"apiKey":"***');
  });

  it('leaves JSON what it was', () => {
    expect(maskJson('{"time":12345678,"msg":"12345678","n":1}')).toBe('{"time":12345678,"msg":"***","n":1}');
    expect(maskJson('{"url":"http://a:b@c","n":1}')).toBe('{"url":"http://a:***@c","n":1}');
    const value = fc.jsonValue();
    fc.assert(
      fc.property(
        value,
        (document) => void JSON.parse(maskJson(JSON.stringify({ token: document, hunter22: [document] }))),
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ...[
      'a',
      '.a',
      '://',
      'http://a:',
      'a:b@',
      '@',
      'password=',
      'password="',
      'token=\'"',
      'secret\\',
      'api',
      ' ',
      '\\',
      '"',
      '\\"',
    ],
    ...[
      'bearer ',
      'Basic a',
      'authorization:',
      'hunter2',
      'hunter22',
      '-----',
      'p@ss/',
      'token\\\\\\"',
      '"key":{',
      'token",',
      'token,"value"',
      '\n',
    ],
  ])('takes time in proportion to the length: %j', (piece) => {
    // Fifty times the text takes fifty times as long; where the work is quadratic, 2,500 times. Time of the processor:
    // what else runs on the machine takes none of it.
    const timed = (length: number): number => {
      const text = times(piece, length);
      const started = process.cpuUsage();
      maskSecrets(text);
      const { user, system } = process.cpuUsage(started);
      return (user + system) / 1_000;
    };
    timed(10_000);
    const small = Math.max(0.05, Math.min(...Array.from({ length: 5 }, () => timed(10_000))));
    const large = Math.min(...Array.from({ length: 3 }, () => timed(500_000)));
    expect(large / small).toBeLessThan(1_250);
  });

  it('reads little more than what is kept', () => {
    const text = times('password="http://a:', 2_000_000);
    const timed = (lengthMax: number): number => {
      const started = performance.now();
      maskSecrets(text, lengthMax);
      return performance.now() - started;
    };
    const fastest = (lengthMax: number): number => Math.min(...[1, 2, 3].map(() => timed(lengthMax)));
    expect(fastest(200)).toBeLessThan(fastest(Infinity));
  });
});

// Last: a hundred secrets make every later search slower.
describe('maskSecrets with many secrets', () => {
  it('lets no configured value through, whatever stands around it', () => {
    const configured = fc.sample(secrets, { numRuns: 100, seed: 1 });
    keepSecret(configured);
    const cases = fc.property(
      fc.constantFrom(...configured),
      texts,
      texts,
      fc.nat(80),
      (secret, before, after, cut) => {
        const json = JSON.stringify(secret).slice(1, -1);
        for (const spelling of [secret, json, Buffer.from(secret).toString('base64')]) {
          const text = `${before}${spelling}${after}`;
          const masked = maskSecrets(text);
          expect(masked).not.toContain(secret);
          expect(masked).not.toContain(json);
          // A cut shows the beginning of just that, and so no part of the secret either.
          expect(masked.startsWith(maskSecrets(text, cut))).toBe(true);
        }
      },
    );
    fc.assert(cases, { numRuns: 500 });
  });
});

it('knows the password of a URL as it is written and as it is meant', () => {
  expect(passwordsOf('postgres://me:p%40ss@host/db')).toEqual(expect.arrayContaining(['p%40ss', 'p@ss']));
  expect(passwordsOf('redis://host')).toEqual([]);
  expect(passwordsOf(null)).toEqual([]);
});
