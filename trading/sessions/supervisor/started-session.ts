import { InputError } from '../../../infra/errors.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { loadExperiment } from '../../../models/experiment/load-experiment.ts';
import { strategyName } from '../asked/traded-strategy.ts';
import { ALWAYS, sessionHours, type HoursAt } from './session-hours.ts';

/** What `sessions start` was asked: how it is supervised, and what its session is told. */
export interface StartOptions {
  readonly session?: string;
  readonly broker: string;
  /** Of a live account: it makes the session a live one. */
  readonly account?: string;
  readonly mode?: string;
  readonly feed?: string;
  readonly foreign?: string;
  readonly leverage?: string;
  readonly marginMode?: string;
  readonly vendor?: string;
  readonly speed?: string;
  readonly deadline?: string;
  readonly shadow?: readonly string[];
  readonly realJumps?: boolean;
  readonly strategy?: string;
  readonly set?: readonly string[];
  readonly hours: string;
  readonly restarts: string;
  readonly foreground?: boolean;
  /** The file that its output goes to, as the command that started it in the background knows. */
  readonly log?: string;
}

/** A session that is to be supervised. */
export interface StartedSession {
  readonly id: string;
  /** What a process of the session is started with. */
  readonly arguments: readonly string[];
  readonly hours: HoursAt;
  readonly restartsMax: number;
}

/** What the options come to. @throws InputError for those that do not fit */
export function startedSession(asked: string, options: StartOptions): StartedSession {
  const experiment = loadExperiment(asked);
  const restartsMax = Number(options.restarts);
  if (!(Number.isInteger(restartsMax) && restartsMax >= 0 && restartsMax <= 1_000)) {
    throw new InputError(`--restarts ${options.restarts} is no whole number from 0 to 1000.`, 'Correct it.');
  }
  if (options.hours !== 'market' && options.hours !== 'always') {
    throw new InputError(`--hours ${options.hours} is neither market nor always.`, 'Name one of the two.');
  }
  const isReplay = options.broker === 'simulated' && options.feed !== 'live';
  const isAlways = options.hours === 'always' || isReplay;
  const id = options.session ?? idOf(experiment.name, options);
  return {
    id,
    arguments: argumentsOf(asked, id, options),
    hours: isAlways ? ALWAYS : sessionHours(calendarNamed(experiment.data.calendar)),
    restartsMax,
  };
}

/** The same words start the same session again: it goes on. */
function idOf(name: string, { broker, account, mode, strategy }: StartOptions): string {
  const kind = account === undefined ? 'paper' : 'live';
  const traded = strategy === undefined ? [] : [strategyName(strategy)];
  return [kind, broker, name, ...traded, ...(mode === undefined ? [] : [mode])].join('-');
}

function argumentsOf(asked: string, id: string, options: StartOptions): string[] {
  const named = ['account', 'mode', 'feed', 'foreign', 'vendor', 'speed', 'deadline', 'leverage', 'strategy'] as const;
  const given = named.flatMap((name) => (options[name] === undefined ? [] : [`--${name}`, options[name]]));
  return [
    options.account === undefined ? 'paper' : 'live',
    asked,
    ...['--session', id, '--broker', options.broker],
    ...given,
    ...(options.marginMode === undefined ? [] : ['--margin-mode', options.marginMode]),
    ...(options.shadow ?? []).flatMap((shadow) => ['--shadow', shadow]),
    ...(options.set ?? []).flatMap((parameter) => ['--set', parameter]),
    ...(options.realJumps === true ? ['--real-jumps'] : []),
  ];
}
