import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const ROOT = resolve(FOLDER, '..', '..');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

interface Container {
  readonly name: string;
  readonly image: string;
  readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly securityContext: object;
  readonly startupProbe?: object;
  readonly livenessProbe?: object;
  readonly readinessProbe?: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}
interface Pod {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: object;
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string }[];
}
interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly stringData?: object;
  readonly spec?: Record<string, unknown>;
}

const resourcesOf = (name: string): Resource[] =>
  parseAllDocuments(read(`kubernetes/${name}`)).map((document) => document.toJS() as Resource);

/** Every pod of the manifests, with what makes it. */
function pods(): { readonly name: string; readonly kind: string; readonly pod: Pod; readonly claims: string[] }[] {
  const { resources } = parse(read('kubernetes/kustomization.yaml')) as { resources: string[] };
  return resources.flatMap(resourcesOf).flatMap(({ kind, metadata, spec = {} }) => {
    const of = (kind === 'CronJob' ? (spec.jobTemplate as { spec: Record<string, unknown> }).spec : spec) ?? {};
    const template = of.template as { spec: Pod } | undefined;
    const claims = ((spec.volumeClaimTemplates as Resource[]) ?? []).map((claim) => claim.metadata.name);
    return template === undefined ? [] : [{ name: metadata.name, kind, pod: template.spec, claims }];
  });
}

describe('the manifests for Kubernetes', () => {
  it('are all named by the kustomization but the example of a secret', () => {
    const { resources } = parse(read('kubernetes/kustomization.yaml')) as { resources: string[] };
    const files = readdirSync(join(FOLDER, 'kubernetes')).filter(
      (name) => !['kustomization.yaml', 'secret.example.yaml'].includes(name),
    );
    expect([...resources].sort()).toEqual(files.sort());
  });

  it.each(pods())('$name: not root, no rights, nothing of the disk but its volumes, and limits', ({ pod, claims }) => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    });
    const volumes = [...pod.volumes.map(({ name }) => name), ...claims];
    for (const { image, envFrom, resources, securityContext, volumeMounts } of pod.containers) {
      expect(image).toBe('signalbox');
      expect(envFrom).toEqual([{ secretRef: { name: 'signalbox' } }]);
      expect(resources).toMatchObject({
        requests: { cpu: expect.anything(), memory: expect.anything() },
        limits: { cpu: expect.anything(), memory: expect.anything() },
      });
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(volumeMounts.map(({ mountPath }) => mountPath)).toEqual(expect.arrayContaining(['/tmp', '/data']));
      for (const { name } of volumeMounts) expect(volumes).toContain(name);
    }
  });

  it.each(pods().filter(({ kind }) => kind !== 'CronJob'))('$name: a probe for each question', ({ pod }) => {
    for (const { startupProbe, livenessProbe, readinessProbe } of pod.containers) {
      expect(startupProbe).toMatchObject({ httpGet: { path: '/health/startup' } });
      // A database that is away must not get a session killed.
      expect(livenessProbe).toMatchObject({ httpGet: { path: '/health/live' } });
      expect(readinessProbe).toMatchObject({ httpGet: { path: '/health/ready' } });
    }
  });

  it('run a session once at the most, and keep its local log', () => {
    const session = pods().find(({ kind }) => kind === 'StatefulSet')!;
    expect(session.claims).toEqual(['data']);
    const [set] = resourcesOf('session.yaml');
    expect(set!.spec).toMatchObject({ replicas: 1 });
  });
});

describe('what pods may call', () => {
  it('is mail, too, where alerts go by it', () => {
    const calls = resourcesOf('network.yaml').find(({ metadata }) => metadata.name === 'calls')!;
    const { egress } = calls.spec as { egress: { ports: { port: number }[] }[] };
    const ports = egress.flatMap((rule) => rule.ports.map(({ port }) => port));
    expect(ports).toEqual(expect.arrayContaining([443, 465, 587, 5432, 6379]));
  });
});

describe('the services of compose', () => {
  interface Service {
    readonly image?: string;
    readonly build?: { readonly context: string; readonly dockerfile?: string };
    readonly ports?: readonly string[];
    readonly volumes?: readonly string[];
    readonly read_only?: boolean;
  }
  const text = read('compose/compose.yaml');
  const { services, volumes } = parse(text, { merge: true }) as {
    services: Record<string, Service>;
    volumes: object;
  };

  it('take from the environment what the example names, and nothing else', () => {
    const taken = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
    const named = [...read('compose/example.env').matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    taken.delete('SIGNALBOX_VERSION');
    expect([...taken].sort()).toEqual(named.filter((name) => name !== 'COMPOSE_PROJECT_NAME').sort());
  });

  it('hand on where alerts go and who signs people in, all that can be set', () => {
    const sources = ['config.ts', 'alerts/alert-settings.ts', 'auth/auth-settings.ts'];
    const known = sources
      .map((name) => readFileSync(resolve(FOLDER, '..', name), 'utf8'))
      .flatMap((source) => [...source.matchAll(/\{ name: '(SIGNALBOX_(?:ALERT|OIDC|PUBLIC|PROMETHEUS)_\w+)'/g)])
      .map(([, name]) => name!);
    expect(known.length).toBeGreaterThan(20);
    expect(known.filter((name) => !text.includes(`    ${name}: `))).toEqual([]);
  });

  it.each(Object.entries(services))(
    '%s: a version, files that are there, and no port that others reach',
    (_, service) => {
      const { image, build, ports = [], volumes: mounts = [] } = service;
      if (build === undefined || image !== undefined) expect(image).toMatch(/:(\$\{|v?\d)/);
      if (build !== undefined) {
        const context = resolve(FOLDER, 'compose', build.context);
        expect(existsSync(resolve(context, build.dockerfile ?? 'Dockerfile'))).toBe(true);
      }
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
      for (const mount of mounts) {
        const [from] = mount.split(':') as [string];
        if (from.startsWith('.')) expect(existsSync(resolve(FOLDER, 'compose', from)), from).toBe(true);
        else expect(volumes).toHaveProperty(from);
      }
      if (image?.startsWith('signalbox:')) expect(service.read_only).toBe(true);
    },
  );
});

describe('the image', () => {
  const lines = read('Containerfile').split('\n');

  it('is built from files that are there, and runs as a user without rights', () => {
    const built = lines.filter((line) => line.startsWith('COPY --from=build'));
    const sources = built.flatMap((line) => line.split(' ').slice(2, -1)).map((path) => path.replace('/build/', ''));
    const made = ['node_modules', 'dist', 'trading/console/dist'];
    for (const source of sources.filter((path) => !made.includes(path))) {
      expect(existsSync(join(ROOT, source)), source).toBe(true);
    }
    // A checkout made under a strict umask is its owner's alone.
    const opened = lines
      .find((line) => line.startsWith('RUN chmod -R a+rX '))!
      .split(' ')
      .slice(4);
    const closed = sources.filter((path) => !opened.some((open) => path === open || path.startsWith(`${open}/`)));
    expect(closed).toEqual([]);
    expect(lines).toContain('USER 10001:10001');
    expect(lines.some((line) => line.startsWith('HEALTHCHECK'))).toBe(true);
  });
});
