import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { serviceAddress } from '../../infra/http/service-address.ts';
import { systemSleep } from '../../infra/sleep.ts';
import { withControls } from '../../infra/terminal/standard-streams.ts';
import { TopScreen } from './top-screen.ts';
import { TopModel } from './top-model.ts';
import type { TopEars, TopSource } from './top-source.ts';

export interface TopOptions {
  readonly url?: string;
  readonly tokenEnv: string;
  readonly session?: string;
}

/** What one frame without a terminal waits for, in ms, and how large it is. */
const FRAME_MS_MAX = 10_000;
const FRAME = { columns: 120, rows: 45 };

/**
 * The terminal's view over sessions: straight over the database, or over a service (`--url`) with a token from the
 * environment. Without a terminal, and with `--json`, it says once how everything stands.
 * @throws InputError for a token that is not set
 */
export async function topCommand(context: CommandContext, options: TopOptions): Promise<CommandOutput | undefined> {
  const model = new TopModel(options.session);
  const ears = { rows: model.hear, state: model.trouble };
  model.begin(await sourceOf(context, options, ears));
  try {
    const isTerminal = process.stdout.isTTY && process.stdin.isTTY && !context.json;
    if (isTerminal) return await showUntilEnd(context, model);
    return await oneFrame(context, model);
  } finally {
    await model.end();
  }
}

async function sourceOf(context: CommandContext, { url, tokenEnv }: TopOptions, ears: TopEars): Promise<TopSource> {
  if (url === undefined) return (await import('./database-source.ts')).databaseSource(context, ears);
  const { url: address, token } = serviceAddress(url, tokenEnv);
  const { ServiceSource } = await import('./service-source.ts');
  return new ServiceSource(address, token, ears);
}

async function showUntilEnd({ signal }: CommandContext, model: TopModel): Promise<undefined> {
  const [{ render }, { createElement }, { TopView }] = await Promise.all([
    import('ink'),
    import('react'),
    import('./top-view.ts'),
  ]);
  const colours = hasColours(process.stdout);
  const screen = new TopScreen(withControls(process.stdout) as NodeJS.WriteStream);
  const shown = render(createElement(TopView, { model, colours }), {
    // Each frame as it is: the screen draws what of it has changed.
    stdout: screen as unknown as NodeJS.WriteStream,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  const stop = (): void => shown.unmount();
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) stop();
    await shown.waitUntilExit();
  } finally {
    signal.removeEventListener('abort', stop);
    screen.end();
  }
  return undefined;
}

/** NO_COLOR and dumb terminals have none. */
const hasColours = (stream: NodeJS.WriteStream): boolean => stream.getColorDepth() > 1;

/** Once everything is here that is shown. */
async function oneFrame({ signal }: CommandContext, model: TopModel): Promise<CommandOutput> {
  for (let waited = 0; waited < FRAME_MS_MAX && !isWhole(model); waited += 20) await systemSleep(20, signal);
  const { rows, limits, session, trouble } = model.state();
  const [{ renderToString }, { frameOf }] = await Promise.all([import('ink'), import('./top-view.ts')]);
  const frame = (): string =>
    renderToString(frameOf({ model, state: model.state(), colours: false, ...FRAME }) as never, {
      columns: FRAME.columns,
    });
  return { value: { session, ...rows, limits, trouble }, text: frame, exitCode: isWhole(model) ? 0 : 1 };
}

function isWhole(model: TopModel): boolean {
  const { rows, session } = model.state();
  const wanted =
    session === null ? ['sessions', 'alerts'] : ['sessions', 'alerts', 'positions', 'orders', 'signals', 'account'];
  return wanted.every((word) => rows[word] !== undefined);
}
