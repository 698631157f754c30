import { z } from 'zod';
import { actorOf, type Identity } from '../../../infra/auth/identity.ts';
import type { Permission } from '../../../infra/auth/roles.ts';
import type { CommandContext } from '../../../infra/command.ts';
import { HttpProblem } from '../../../infra/http/problem.ts';
import { route, RouteAnswer, type Route } from '../../../infra/http/route.ts';
import type { Command } from '../../effect.ts';
import { tellSessions } from '../operators/tell-sessions.ts';
import { listSessions } from '../session-store.ts';
import { stopCommand } from '../supervisor/stop-command.ts';
import { sessionParams, stoppedSchema, toldSchema } from './schemas.ts';
import { requireVisible } from './visible-session.ts';

type Word = Command['command'];

const WORDS: readonly { readonly word: Word; readonly permission: Permission; readonly does: string }[] = [
  { word: 'halt', permission: 'sessions:act', does: 'stop opening positions' },
  { word: 'reduce', permission: 'sessions:act', does: 'only reduce positions, and cancel what would open' },
  { word: 'flatten', permission: 'sessions:act', does: 'close everything and open nothing' },
  { word: 'resume', permission: 'sessions:act', does: 'go on' },
  { word: 'emergency-stop', permission: 'sessions:emergency', does: 'cancel every order, and only observe' },
  { word: 'emergency-flatten', permission: 'sessions:emergency', does: 'close everything, and then only observe' },
];

const reason = z.string().max(1_000).default('').meta({ description: 'why: recorded in the audit' });
const tellSchema = z.strictObject({
  reason,
  consent: z.string().max(400).optional().meta({ description: '`resume ID`, after an emergency stop' }),
});
const stopSchema = z.strictObject({ reason });

/** Words to sessions, one or all that run, with whoever says them in the audit. */
export function actionRoutes(): Route[] {
  return [...WORDS.flatMap(wordRoutes), stopRoute()];
}

function wordRoutes({ word, permission, does }: (typeof WORDS)[number]): Route[] {
  const common = { method: 'POST', permission, tag: 'sessions', body: tellSchema.nullish() } as const;
  return [
    route({
      ...common,
      path: `/api/v1/sessions/:session/${word}`,
      summary: `Tell a session to ${does}`,
      params: sessionParams,
      answers: { 202: toldSchema },
      handle: async ({ params: { session }, body, context, identity }) => {
        requireVisible(identity!, session);
        return tell(context, identity!, { word, sessions: [session], ...body });
      },
    }),
    route({
      ...common,
      path: `/api/v1/actions/${word}`,
      summary: `Tell every session that runs to ${does}`,
      answers: { 202: toldSchema },
      handle: async ({ body, context, identity }) => {
        const sessions = identity!.sessions === null ? null : await running(context, identity!.sessions);
        return tell(context, identity!, { word, sessions, ...body });
      },
    }),
  ];
}

interface Told {
  readonly command: string;
  readonly sessions: readonly string[];
  readonly waiting: readonly string[];
  readonly told: readonly unknown[];
}

async function tell(
  context: CommandContext,
  identity: Identity,
  {
    word,
    sessions,
    ...telling
  }: { word: Word; sessions: readonly string[] | null; reason?: string; consent?: string | undefined },
): Promise<RouteAnswer> {
  const database = await context.database();
  const actor = actorOf(identity);
  const answers: Told[] = [];
  for (const sessionId of sessions ?? [undefined]) {
    answers.push((await tellSessions(database, word, { sessionId, actor, ...telling })).value as Told);
  }
  const value = {
    command: word,
    sessions: answers.flatMap(({ sessions: reached }) => reached),
    waiting: answers.flatMap(({ waiting }) => waiting),
    told: answers.flatMap(({ told }) => told),
  };
  if (value.sessions.length === 0) {
    throw new HttpProblem(409, 'nothing-runs', `No session is running: there was nobody to tell "${word}".`);
  }
  return new RouteAnswer(202, value);
}

async function running(context: CommandContext, ids: readonly string[]): Promise<string[]> {
  const sessions = await listSessions((await context.database()).pool, { ids });
  return sessions.filter(({ state }) => state === 'running').map(({ id }) => id);
}

function stopRoute(): Route {
  return route({
    method: 'POST',
    path: '/api/v1/sessions/:session/stop',
    permission: 'sessions:act',
    summary: 'Ask a session and its supervisor to stop between two bars; positions and orders are kept',
    tag: 'sessions',
    params: sessionParams,
    body: stopSchema.nullish(),
    answers: { 202: stoppedSchema },
    handle: async ({ params: { session }, body, context, identity }) => {
      requireVisible(identity!, session);
      const { value } = await stopCommand(context, { wait: '0', reason: body?.reason ?? '' }, session);
      return new RouteAnswer(202, value);
    },
  });
}
