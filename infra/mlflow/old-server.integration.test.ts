import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deliverEntry, type DeliveryContext } from './deliver-entry.ts';
import { MlflowClient } from './mlflow-client.ts';
import type { Identifier } from './outbox-store.ts';
import { storedEntriesOf } from './stored-entry.ts';
import type { OutboxEntry } from './outbox-entry.ts';

// Servers before MLflow 3 know no logged models. A real one is 850 MB more; what matters is what is asked of it.

const asked: { method: string; path: string; body: string }[] = [];
let server: Server;
let context: DeliveryContext;

const RUN: Identifier = {
  kind: 'run',
  localKey: 'run',
  remoteId: 'r1',
  experimentId: '1',
  artifactUri: 'mlflow-artifacts:/1/r1/artifacts',
};

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const path = request.url!.split('?')[0]!;
      asked.push({ method: request.method!, path, body });
      if (path === '/version') return response.end('2.22.1');
      response.setHeader('content-type', 'application/json');
      if (path.endsWith('/registered-models/get')) return response.end('{"registered_model":{"name":"m"}}');
      if (path.endsWith('/model-versions/create')) {
        return response.end('{"model_version":{"name":"m","version":"4","source":"","run_id":"r1"}}');
      }
      if (path.endsWith('/registered-models/alias')) return response.end('{}');
      response.statusCode = 404;
      return response.end('<html>no such route</html>');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  context = {
    state: { mayExist: false },
    client: new MlflowClient({ uri: `http://127.0.0.1:${port}` }),
    prefix: 'test',
    identifier: async (kind, key) => (kind === 'run' && key === 'run' ? RUN : undefined),
    settle: async () => undefined,
  };
});
afterAll(() => server.close());

const deliver = async (entry: OutboxEntry): Promise<Identifier | null> => {
  const [stored] = storedEntriesOf(entry);
  return deliverEntry(context, { ...stored!, id: 1, content: null, uncertain: false, attempts: 0 });
};

it('an older server is told of no logged model, and its version is made from the run', async () => {
  const modelKey = 'logged';
  const logged = { kind: 'logModel', modelKey, runKey: 'run', name: 'm', modelType: 'ensemble' } as const;
  expect(await deliver(logged)).toBeNull();
  const file = { path: 'card.md', contentType: 'text/markdown', content: Buffer.from('x') };
  expect(await deliver({ kind: 'logArtifact', runKey: 'run', modelKey, ...file })).toBeNull();
  const version = {
    kind: 'registerModel',
    modelName: 'm',
    versionKey: 'v',
    artifactPath: 'model',
    alias: 'champion',
  } as const;
  expect(await deliver({ ...version, runKey: 'run', modelKey })).toMatchObject({ remoteId: '4' });
  expect(asked.filter(({ path }) => /logged-models|outputs|artifacts/.test(path))).toEqual([]);
  const created = asked.find(({ path }) => path.endsWith('/model-versions/create'))!;
  expect(JSON.parse(created.body)).toMatchObject({ source: 'runs:/r1/model', run_id: 'r1' });
  expect(asked.filter(({ path }) => path === '/version')).toHaveLength(1);
});
