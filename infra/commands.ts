import Table from 'cli-table3';
import type { Command } from 'commander';
import picocolors from 'picocolors';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from './command.ts';
import { InputError } from './errors.ts';
import type { Finding } from './doctor.ts';
import { writeWholeFile } from './files/write-whole-file.ts';
import type { BackupSummary } from './postgres/backup/backup.ts';
import type { Database } from './postgres/database.ts';
import { paints } from './terminal/terminal-safe.ts';

/** `db migrate`, `db status`, `db backup FILE`, `db restore FILE`, `db drill FILE`, `db key FILE`, `doctor`. */
export function registerInfraCommands(program: Command): void {
  const db = program.command('db').description('the database').exitOverride();
  bindAction(addCommand(db, 'migrate', 'apply pending migrations'), migrateCommand);
  bindAction(
    addCommand(db, 'status', 'which migrations are applied and pending, and how large the database is'),
    statusCommand,
  );
  bindAction(addCommand(db, 'backup <FILE>', 'write everything but the job queue to one file'), backupCommand);
  const restoring = addCommand(db, 'restore <FILE>', 'bring back what a backup holds');
  restoring.option('--replace', 'throw away what the database holds');
  bindAction(restoring, restoreCommand);
  const boards = addCommand(db, 'boards-role', 'make the role that boards read with, or bring it up to date');
  boards.option('--role <NAME>', 'its name; its password is SIGNALBOX_BOARDS_PASSWORD', 'signalbox_boards');
  bindAction<{ role: string }>(boards, boardsRoleCommand);
  const drilling = addCommand(db, 'drill <FILE>', 'restore a backup beside the database, count and verify, remove it');
  bindAction(drilling, drillCommand);
  const keying = addCommand(db, 'key <FILE>', 'make a key for sealed backups: what opens them goes to FILE');
  bindAction(keying, keyCommand);
  bindAction(addCommand(program, 'doctor', 'what is configured, reachable and wrong'), doctorCommand);
}

/** The database as it stands: these commands decide themselves when to migrate. */
async function withDatabase<T>(
  { config, progress }: CommandContext,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const { openDatabase } = await import('./postgres/database.ts');
  const { explainOutage } = await import('./postgres/embedded/embedded-outage.ts');
  const database = await openDatabase(config, { migrate: false, onStage: (text) => progress.note(text) });
  try {
    return await work(database);
  } catch (error) {
    throw explainOutage(error, database, config.dataDir);
  } finally {
    await database.close();
  }
}

function migrateCommand(context: CommandContext): Promise<CommandOutput> {
  return withDatabase(context, async ({ pool }) => {
    const client = await pool.connect();
    try {
      const { migrate } = await import('./postgres/migrate.ts');
      const applied = await migrate(client);
      const text =
        applied.length === 0 ? 'Nothing to do: the database is up to date.' : `Applied:\n  ${applied.join('\n  ')}`;
      return { value: { applied }, text: () => text };
    } finally {
      // The runner changed this connection's search path.
      client.release(true);
    }
  });
}

function statusCommand(context: CommandContext): Promise<CommandOutput> {
  return withDatabase(context, async (database) => {
    const { databaseStatus } = await import('./system/database-status-store.ts');
    const status = await databaseStatus(database);
    const { version, embedded, bytes, applied, pending, unknown, connections, connectionsMax, lastBackup } = status;
    const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));
    const backup = lastBackup === null ? 'none on record' : `${lastBackup.madeAt.toISOString()}, ${lastBackup.file}`;
    const lines = [
      `server    PostgreSQL ${version}${embedded ? ', embedded' : ''}`,
      `size      ${(bytes / 1e6).toFixed(1)} MB`,
      `used      ${connections} of ${connectionsMax} connections`,
      `backup    ${backup}`,
      `applied   ${list(applied)}`,
      `pending   ${list(pending)}`,
      ...(unknown.length === 0 ? [] : [`unknown   ${list(unknown)} (the database is newer than this code)`]),
    ];
    return { value: status, text: () => lines.join('\n'), exitCode: unknown.length === 0 ? 0 : 1 };
  });
}

async function boardsRoleCommand(context: CommandContext, { role }: { role: string }): Promise<CommandOutput> {
  const { boardsPassword } = context.config;
  if (boardsPassword === null)
    throw new InputError('The role needs a password.', 'Set SIGNALBOX_BOARDS_PASSWORD, to that of the data source.');
  const { makeBoardsRole } = await import('./postgres/boards-role.ts');
  const made = await (await context.database()).transaction((client) => makeBoardsRole(client, role, boardsPassword));
  const text = `Role ${made.role} ${made.isNew ? 'is made' : 'is up to date'}: it reads ${made.views.length} views.`;
  return { value: made, text: () => text };
}

function backupCommand(context: CommandContext, _options: object, file = ''): Promise<CommandOutput> {
  return withDatabase(context, async (database) => {
    const stage = context.progress.stage('backup');
    const { backUp } = await import('./postgres/backup/backup.ts');
    const recipients = context.config.backupRecipients;
    const summary = await backUp(database, file, { clock: context.clock, stage, recipients });
    stage.done(`${summary.rows} rows`);
    const { noteBackup } = await import('./system/database-status-store.ts');
    await noteBackup(database, summary, new Date(context.clock()));
    return { value: summary, text: () => describe('Backed up', summary) };
  });
}

function restoreCommand(context: CommandContext, options: { replace?: boolean }, file = ''): Promise<CommandOutput> {
  return withDatabase(context, async (database) => {
    const stage = context.progress.stage('restore');
    const { restore } = await import('./postgres/backup/restore.ts');
    const identity = context.config.backupIdentity;
    const summary = await restore(database, file, { replace: options.replace === true, stage, identity });
    stage.done(`${summary.rows} rows`);
    return { value: summary, text: () => describe('Restored', summary) };
  });
}

function drillCommand(context: CommandContext, _options: object, file = ''): Promise<CommandOutput> {
  return withDatabase(context, async (database) => {
    const { clock, config, progress } = context;
    const stage = progress.stage('drill');
    const { drill } = await import('./postgres/backup/drill.ts');
    const summary = await drill(database, file, { clock, stage, identity: config.backupIdentity });
    const { audit, counted, seconds, migrated } = summary;
    stage.done(`${counted} rows in ${seconds.toFixed(1)} s`);
    const chain = audit.broken === null ? `${audit.entries} entries, intact` : `broken at ${audit.broken.position}`;
    const newer = migrated === 0 ? '' : `\n${migrated} newer migrations were applied to it.`;
    const text = (): string => `${describe('Restored and removed', summary)}\nAudit: ${chain}.${newer}`;
    return { value: summary, text, exitCode: audit.intact ? 0 : 1 };
  });
}

async function keyCommand(_context: CommandContext, _options: object, file = ''): Promise<CommandOutput> {
  const { newKeyPair } = await import('./postgres/backup/sealed-backup.ts');
  const { recipient, identity } = await newKeyPair();
  const content = `# Opens backups that are sealed for ${recipient}\nSIGNALBOX_BACKUP_IDENTITY=${identity}\n`;
  await writeWholeFile(file, content, { mustBeNew: true });
  const text = (): string =>
    `SIGNALBOX_BACKUP_RECIPIENTS=${recipient}\nSet this where backups are made. What opens them is in ${file}: keep it elsewhere.`;
  return { value: { recipient, file }, text };
}

function describe(verb: string, { file, tables, rows, sealed }: BackupSummary): string {
  return `${verb} ${rows} rows of ${tables} tables${sealed ? ', sealed' : ''}: ${file}`;
}

async function doctorCommand({ config }: CommandContext): Promise<CommandOutput> {
  const { examine } = await import('./doctor.ts');
  const findings = await examine(config);
  const healthy = findings.every(({ state }) => state !== 'broken');
  return { value: { healthy, findings }, text: () => render(findings), exitCode: healthy ? 0 : 1 };
}

const { green, dim, red } = paints(picocolors.isColorSupported);
const PAINT = { ok: green, off: dim, broken: red };

function render(findings: readonly Finding[]): string {
  const table = new Table({ chars: PLAIN, style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] } });
  for (const { name, state, detail, remedy } of findings) {
    table.push([name, PAINT[state](state), remedy === '' ? detail : `${detail}\n${remedy}`]);
  }
  return table.toString().replace(/ +$/gm, '');
}

/** A table without lines. */
const PLAIN = Object.fromEntries(
  [
    'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right',
    'left left-mid mid mid-mid right right-mid middle',
  ]
    .flatMap((names) => names.split(' '))
    .map((name) => [name, '']),
);
