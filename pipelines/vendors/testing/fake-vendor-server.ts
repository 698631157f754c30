import { FAKE_KEYS, type FakeKeys } from './fake-request.ts';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fakeAlpaca } from './fake-alpaca.ts';
import { fakeBinance } from './fake-binance.ts';
import { pageFaultOf, sendWithFault, type FakeFault } from './fake-fault.ts';
import type { FakeMarket } from './fake-market.ts';
import { fakePolygon } from './fake-polygon.ts';

/** The settings, as environment variables, under which the adapters of stocks ask a stand-in at `url`. */
export const fakeVariables = (url: string): Record<string, string> => ({
  ALPACA_API_KEY_ID: FAKE_KEYS.alpacaKeyId,
  ALPACA_API_SECRET_KEY: FAKE_KEYS.alpacaSecret,
  ALPACA_DATA_URL: url,
  POLYGON_API_KEY: FAKE_KEYS.polygon,
  POLYGON_URL: url,
  POLYGON_REQUESTS_PER_MINUTE: '1000',
});

export interface FakeVendorServerOptions {
  readonly market: FakeMarket;
  readonly pageBars?: number;
  /** What it takes for right; `FAKE_KEYS` by default. */
  readonly keys?: FakeKeys;
  /** Called for each request in turn, with its number from 0; undefined is an honest answer. */
  readonly fault?: (index: number, path: string) => FakeFault | undefined;
}

/** A loopback server that speaks the protocols of Alpaca, Polygon and Binance over HTTP. */
export interface FakeVendorServer {
  /** For streams that share the port. */
  readonly server: Server;
  readonly url: string;
  /** Path and query of every request, in order. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

/** Starts it on a free port of the loopback interface. */
export async function startFakeVendorServer(options: FakeVendorServerOptions): Promise<FakeVendorServer> {
  const { market, pageBars = 10_000, keys = FAKE_KEYS, fault: faultAt } = options;
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const fault = faultAt?.(seen.length, request.url ?? '');
    seen.push(request.url ?? '');
    const url = new URL(request.url ?? '', `http://${request.headers.host}`);
    const asked = { url, headers: request.headers, market, keys, pageBars, fault: pageFaultOf(fault) };
    const { status, body } = fakeAlpaca(asked) ??
      fakePolygon(asked) ??
      fakeBinance(asked) ?? { status: 404, body: { message: `no route ${url.pathname}` } };
    if (status === 200 || fault?.kind === 'status') return sendWithFault(response, JSON.stringify(body), fault);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
