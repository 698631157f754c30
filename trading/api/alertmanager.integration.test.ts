import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deliverDueAlerts } from '../../infra/alerts/deliver-alerts.ts';
import { configuredDelivery } from '../../infra/alerts/configured-delivery.ts';
import { alertRoutes } from '../../infra/alerts/routes.ts';
import { loadConfig } from '../../infra/config.ts';
import { findAlertmanager } from '../../infra/installed.ts';
import { packageRoot } from '../../infra/package-root.ts';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { AlertmanagerServer } from '../../infra/testing/servers/alertmanager-server.ts';
import { PrometheusServer } from '../../infra/testing/servers/prometheus-server.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { WebhookServer } from '../../infra/testing/webhook-server.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';

const CONFIG = `${packageRoot()}/infra/deploy/compose/alertmanager.yaml`;

describeWith('alertmanager', 'alerts of Prometheus', () => {
  let database: TestDatabase;
  let webhook: WebhookServer;
  let service: ServiceUnderTest;
  let alertmanager: AlertmanagerServer;
  let prometheus: PrometheusServer;
  let target: Server;
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-rules-'));
  let free = 100;

  beforeAll(async () => {
    database = await createTestDatabase();
    webhook = await WebhookServer.start();
    service = await ServiceUnderTest.over(database, () => alertRoutes(), { context: context() });
    const address = await service.service.app.listen({ host: '127.0.0.1', port: 0 });
    writeFileSync(join(folder, 'token'), await service.token('alertmanager', 'operator'));
    const config = readFileSync(CONFIG, 'utf8')
      .replace('http://serve:4100', address)
      .replace('/run/secrets/signalbox-token', join(folder, 'token'));
    alertmanager = await AlertmanagerServer.start(config);
    target = createServer((_request, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(`signalbox_disk_bytes{state="free"} ${free}\nsignalbox_disk_bytes{state="size"} 1000\n`);
    });
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
    // The rules as they are shipped, without their patience.
    const rules = readFileSync(`${packageRoot()}/infra/prometheus/signalbox-rules.yaml`, 'utf8');
    writeFileSync(join(folder, 'rules.yaml'), rules.replace(/^ +for: .*\n/gm, ''));
    const scraped = `127.0.0.1:${(target.address() as AddressInfo).port}`;
    prometheus = await PrometheusServer.start([scraped], [join(folder, 'rules.yaml')], [alertmanager.address]);
  });
  afterAll(async () => {
    await prometheus?.stop();
    await alertmanager?.stop();
    target?.close();
    await service.service.close();
    await webhook.stop();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const context = () =>
    databaseContext(database, { env: { SIGNALBOX_LOG: 'silent', SIGNALBOX_ALERT_WEBHOOK: webhook.url } });

  /** Delivers what is due by now. */
  const told = async (): Promise<string[]> => {
    const delivery = configuredDelivery(context(), database.pool);
    await deliverDueAlerts({ ...delivery, signal: new AbortController().signal });
    return webhook.taken.map(({ type, state, severity }) => `${type} ${state} ${severity}`);
  };

  it('go by the configuration that is shipped to the channels of the service, once, and are over there too', async () => {
    const { amtool } = findAlertmanager(loadConfig().programPath)!;
    const checked = spawnSync(amtool, ['check-config', CONFIG], { encoding: 'utf8' });
    expect([checked.status, checked.stderr]).toEqual([0, '']);
    expect(await told()).toEqual([]);
    free = 50;
    const raised = 'prometheus-disk-nearly-full raised critical';
    await expect.poll(told).toEqual([raised]);
    expect(webhook.taken[0]).toMatchObject({ details: { remedy: expect.stringContaining('Make room') as string } });
    free = 900;
    await expect.poll(told).toEqual([raised, 'prometheus-disk-nearly-full resolved critical']);
  });

  it('are taken from nobody who may not answer for all', async () => {
    const body = { alerts: [{ status: 'firing', labels: {}, startsAt: 'now', fingerprint: 'a1' }] };
    for (const [role, sessions] of [
      ['viewer', null],
      ['trader', ['mine']],
    ] as const) {
      const token = await service.token(`no-${role}`, role, sessions);
      expect((await service.ask('POST', '/api/v1/alerts/prometheus', { token, body })).statusCode).toBe(403);
    }
  });
});
