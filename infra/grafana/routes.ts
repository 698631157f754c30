import { z } from 'zod';
import type { Identity } from '../auth/identity.ts';
import type { CommandContext } from '../command.ts';
import { InputError } from '../errors.ts';
import { HttpProblem } from '../http/problem.ts';
import { route, type Route } from '../http/route.ts';
import { placed, type Board } from './board.ts';
import { BOARDS } from './boards.ts';
import { choiceValues, panelAt, panelData, type PanelSources } from './panel-data.ts';

const unit = z.enum(['money', 'ratio', 'seconds', 'bytes', 'count', 'rate', 'price', 'score']);
const panelSchema = z.object({
  title: z.string(),
  about: z.string(),
  kind: z.enum(['lines', 'bars', 'stat', 'table', 'candles']),
  unit,
  empty: z.string().optional().meta({ description: 'what it says where there is nothing to show' }),
  columns: z.record(z.string(), unit).optional().meta({ description: 'units of columns that have another' }),
  thresholds: z.array(z.object({ from: z.number(), tone: z.enum(['good', 'look', 'bad']) })).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  at: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }).meta({ description: 'on a grid of 24 columns' }),
});
const boardSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    about: z.string(),
    span: z.string().meta({ description: 'that it opens with', example: '24h' }),
    choices: z.array(z.object({ name: z.string(), label: z.string(), several: z.boolean() })),
    rows: z.array(z.object({ title: z.string(), panels: z.array(panelSchema) })),
  })
  .meta({ id: 'Board' });
export const boardsSchema = z.object({ boards: z.array(boardSchema) });
const choicesSchema = z.object({ values: z.array(z.string()) });
export const panelDataSchema = z
  .object({
    lines: z.array(z.object({ name: z.string(), time: z.array(z.number()), value: z.array(z.number().nullable()) })),
    columns: z.array(z.string()),
    rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
    cut: z.boolean().meta({ description: 'rows were left out, or lines thinned to their extremes' }),
    unavailable: z.string().nullable().meta({ description: 'why a source gave nothing' }),
  })
  .meta({ id: 'PanelData' });

const reads = { method: 'GET', permission: 'sessions:read', tag: 'boards' } as const;
const board = z.string().min(1).max(100);
const moment = z.iso.datetime({ offset: true });

/** The boards that Grafana gets, and what their panels show. */
export function boardRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/boards',
      summary: 'Every board with its panels in their places, as Grafana gets them',
      answers: { 200: boardsSchema },
      handle: async ({ identity }) => {
        requireAll(identity!);
        return { boards: BOARDS.map(shownBoard) };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/boards/:board/choices/:choice',
      summary: 'What may be chosen on a board, the first of it by itself',
      params: z.strictObject({ board, choice: board }),
      answers: { 200: choicesSchema },
      handle: async ({ params, context, identity }) => {
        requireAll(identity!);
        const found = boardNamed(params.board).choices.find(({ name }) => name === params.choice);
        if (found === undefined) throw new InputError(`there is no choice ${params.choice} on board ${params.board}.`);
        return { values: await choiceValues(await sourcesOf(context), found) };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/boards/:board/panels/:panel',
      summary: 'What a panel shows over a span; panels are counted from 0',
      params: z.strictObject({ board, panel: z.coerce.number().int().min(0).max(1_000) }),
      query: z.strictObject({
        from: moment,
        to: moment,
        session: z
          .union([z.string(), z.array(z.string()).max(200)])
          .optional()
          .meta({ description: 'chosen on boards of sessions; once or several times' }),
      }),
      answers: { 200: panelDataSchema },
      handle: async ({ params, query: { from, to, session = [] }, context, identity }) => {
        requireAll(identity!);
        const panel = panelAt(boardNamed(params.board), params.panel);
        const span = { from: new Date(from), to: new Date(to) };
        if (!(span.from < span.to)) throw new InputError('from: is not before to.');
        const scope = { ...span, intervalSeconds: 15, choices: { session: [session].flat() } };
        return panelData(await sourcesOf(context), panel, scope);
      },
    }),
  ];
}

async function sourcesOf(context: CommandContext): Promise<PanelSources> {
  const { config, signal } = context;
  return { database: await context.database(), prometheusUrl: config.prometheusUrl, signal };
}

function boardNamed(id: string): Board {
  const found = BOARDS.find((one) => one.id === id);
  if (found !== undefined) return found;
  throw new InputError(`there is no board ${id}.`, `There are ${BOARDS.map((one) => one.id).join(', ')}.`);
}

/** Without its queries: what is asked is the boards' own business. */
function shownBoard(one: Board): z.infer<typeof boardSchema> {
  const { id, title, about, span, choices } = one;
  return {
    ...{ id, title, about, span },
    choices: choices.map(({ name, label, several }) => ({ name, label, several })),
    rows: placed(one).map((row) => ({
      title: row.title,
      panels: row.panels.map(
        ({ panel: { targets: _targets, width: _width, height: _height, thresholds, columns, ...panel }, at }) => ({
          ...panel,
          ...(thresholds === undefined ? {} : { thresholds: [...thresholds] }),
          ...(columns === undefined ? {} : { columns: { ...columns } }),
          at,
        }),
      ),
    })),
  };
}

/** Boards sum up over all sessions: whoever is bound to some sees none. @throws HttpProblem */
function requireAll({ sessions }: Pick<Identity, 'sessions'>): void {
  if (sessions === null) return;
  throw new HttpProblem(403, 'not-allowed', 'You may see sessions of your own, and no boards.');
}
