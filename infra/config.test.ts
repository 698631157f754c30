import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig, maskSecrets } from './config.ts';
import { InputError } from './errors.ts';

describe('loadConfig', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const withFile = (text: string): { configFile: string } => {
    const configFile = join(folder, 'signalbox.yaml');
    writeFileSync(configFile, text);
    return { configFile };
  };

  it('needs nothing', () => {
    expect(loadConfig({})).toMatchObject({
      databaseUrl: null,
      redisUrl: null,
      mlflowTrackingUri: null,
      dataDir: resolve('.signalbox'),
      requiredSuites: [],
      logLevel: 'info',
      tfBackend: 'auto',
      workers: null,
      peersPythons: [],
    });
  });

  it('reads variables; an empty one counts as unset', () => {
    const config = loadConfig({
      DATABASE_URL: 'postgresql://u:p@h/d',
      REDIS_URL: '',
      SIGNALBOX_HOME: 'here',
      SIGNALBOX_REQUIRE: 'all',
      SIGNALBOX_WORKERS: '3',
      SIGNALBOX_PEERS: `peers/python${delimiter}${delimiter}/tf/python`,
    });
    expect(config).toMatchObject({
      databaseUrl: 'postgresql://u:p@h/d',
      redisUrl: null,
      dataDir: resolve('here'),
      workers: 3,
      peersPythons: [resolve('peers/python'), '/tf/python'],
    });
    expect(config.requiredSuites).toEqual([
      'redis',
      'python',
      'chromium',
      'reference',
      'native-tensorflow',
      'prometheus',
      'alertmanager',
      'onnxruntime',
    ]);
    expect(loadConfig({ SIGNALBOX_HOME: '/a' }, { dataDir: '/b' }).dataDir).toBe('/b');
  });

  it.each([
    ['DATABASE_URL', 'mysql://user:hunter2@host/db'],
    ['REDIS_URL', 'hunter2'],
    ['MLFLOW_TRACKING_URI', 'file:///tmp'],
    ['SIGNALBOX_REQUIRE', 'redis,ruby'],
    ['SIGNALBOX_LOG', 'loud'],
    ['SIGNALBOX_TF_BACKEND', 'gpu'],
    ['SIGNALBOX_WORKERS', 'many'],
    ['SIGNALBOX_WORKERS', '0'],
    ['SIGNALBOX_VENDORS', 'alpaca,bloomberg'],
    ['SIGNALBOX_VENDORS', 'alpaca,alpaca'],
    ['ALPACA_DATA_URL', 'ftp://user:hunter2@host'],
    ['ALPACA_STREAM_URL', 'https://host'],
    ['ALPACA_FEED', 'otc'],
    ['POLYGON_REQUESTS_PER_MINUTE', '0'],
  ])('names %s when it is wrong, and not its value', (name, value) => {
    const load = (): unknown => loadConfig({ [name]: value });
    expect(load).toThrow(InputError);
    expect(load).toThrow(new RegExp(`^${name}: `));
    expect(load).not.toThrow(/hunter2/);
  });

  const addresses = [
    ...['ALPACA_DATA_URL', 'ALPACA_STREAM_URL', 'ALPACA_TRADING_URL', 'ALPACA_LIVE_TRADING_URL'],
    ...['POLYGON_URL', 'POLYGON_STREAM_URL'],
    ...['BINANCE_URL', 'BINANCE_STREAM_URL', 'BINANCE_TRADING_URL', 'BINANCE_TRADING_STREAM_URL'],
    ...['BINANCE_FUTURES_URL', 'BINANCE_FUTURES_STREAM_URL'],
    ...['BINANCE_FUTURES_LIVE_URL', 'BINANCE_FUTURES_LIVE_STREAM_URL'],
  ];
  it.each(addresses)('%s holds no user and no password, in no message either', (name) => {
    const scheme = name.endsWith('STREAM_URL') ? 'wss' : 'https';
    const words = `${name}: must hold neither a password nor a user; keys have variables of their own`;
    for (const user of ['me:hunter2', ':hunter2', 'hunter2']) {
      expect(() => loadConfig({ [name]: `${scheme}://${user}@venue.example` })).toThrow(new RegExp(`^${words}$`));
    }
    const key = name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    const load = (): unknown => loadConfig({}, withFile(`${key}: ${scheme}://me:hunter2@venue.example\n`));
    expect(load).toThrow(/signalbox\.yaml:1: .*must hold neither a password nor a user/);
    expect(load).not.toThrow(/hunter2/);
  });

  it('knows the vendors, their addresses and both spellings of their keys', () => {
    const { vendors } = loadConfig({});
    expect(vendors.order).toEqual(['alpaca', 'polygon', 'binance']);
    expect(vendors.alpaca).toMatchObject({ keyId: null, dataUrl: 'https://data.alpaca.markets', feed: 'iex' });
    const env = { APCA_API_KEY_ID: 'a', APCA_API_SECRET_KEY: 'b', ALPACA_API_KEY_ID: 'c', POLYGON_API_KEY: 'd' };
    const given = loadConfig(
      { ...env, SIGNALBOX_VENDORS: 'polygon, alpaca' },
      withFile('binanceUrl: http://localhost:1\nalpacaFeed: sip\n'),
    ).vendors;
    expect(given.order).toEqual(['polygon', 'alpaca']);
    expect(given.alpaca).toMatchObject({ keyId: 'c', secretKey: 'b', feed: 'sip' });
    expect(given.polygon).toMatchObject({ apiKey: 'd', url: 'https://api.polygon.io' });
    expect(given.binance.url).toBe('http://localhost:1');
    expect(() => loadConfig({}, withFile('polygonApiKey: d\n'))).toThrow(/unknown key polygonApiKey/);
  });

  it('reads a file below the environment', () => {
    const file = withFile('workers: 2\ntfBackend: wasm\nmlflowTrackingUri: http://localhost:5000\n');
    expect(loadConfig({ SIGNALBOX_WORKERS: '5' }, file)).toMatchObject({
      workers: 5,
      tfBackend: 'wasm',
      mlflowTrackingUri: 'http://localhost:5000',
    });
  });

  it('names an unknown key of the file, its line and the nearest valid one', () => {
    const load = (): unknown => loadConfig({}, withFile('tfBackend: wasm\n\nredisUrI: redis://localhost\n'));
    expect(load).toThrow(/signalbox\.yaml:3: unknown key redisUrI; did you mean redisUrl\?/);
  });

  it('allows no secrets in the file', () => {
    const withPassword = (): unknown => loadConfig({}, withFile('databaseUrl: postgres://me:hunter2@host/db\n'));
    expect(withPassword).toThrow(/databaseUrl holds a password/);
    expect(withPassword).not.toThrow(/hunter2/);
    expect(() => loadConfig({}, withFile('mlflowPassword: hunter2\n'))).toThrow(/unknown key mlflowPassword/);
  });

  it('refuses a file that is not there', () => {
    expect(() => loadConfig({}, { configFile: join(folder, 'absent.yaml') })).toThrow(/absent\.yaml: no such file/);
  });
});

describe('maskSecrets', () => {
  it.each([
    ['postgres://me:hunter2@host:5432/db?x=1', 'postgres://me:***@host:5432/db?x=1'],
    ['redis://:hunter2@host', 'redis://:***@host'],
    ['two http://a:b@c and http://d:e@f', 'two http://a:***@c and http://d:***@f'],
    ['password=hunter2&user=me', 'password=***&user=me'],
    ['api_key: "a b c", more', 'api_key: "***", more'],
    ['{"password":"hunter2"}', '{"password":"***"}'],
    ['{"msg":"{\\"token\\":\\"hunter2\\"}"}', '{"msg":"{\\"token\\":\\"***\\"}"}'],
    [
      'GET https://h/v2?adjusted=false&apiKey=hunter2 ALPACA_API_SECRET_KEY=hunter2',
      'GET https://h/v2?adjusted=false&apiKey=*** ALPACA_API_SECRET_KEY=***',
    ],
    ['apca-api-secret-key: hunter2, tokens: 5', 'apca-api-secret-key: ***, tokens: 5'],
    ['http://host/path?mail=me@host', 'http://host/path?mail=me@host'],
  ])('%s', (text, masked) => expect(maskSecrets(text)).toBe(masked));
});
