import { InputError } from '../../infra/errors.ts';
import { chosenPosition, parseColumnRoles } from '../dialects/column-choice.ts';

/** What a column of a file of events may hold. */
export const EVENT_ROLES = [
  'known',
  'time',
  'symbol',
  'kind',
  'field',
  'value',
  'expected',
  'text',
  'id',
  'revision',
  'source',
] as const;
export type EventRole = (typeof EVENT_ROLES)[number];

/** Names by which a header is understood; nothing else is guessed. */
const NAMES: Readonly<Record<EventRole, readonly string[]>> = {
  known: ['known', 'known_at', 'knownat', 'known_time', 'published', 'published_at', 'publishedat'],
  time: ['time', 'event_time', 'date', 'datetime', 'timestamp'],
  symbol: ['symbol', 'ticker'],
  kind: ['kind', 'type'],
  field: ['field', 'name', 'metric'],
  value: ['value', 'actual'],
  expected: ['expected', 'estimate', 'consensus'],
  text: ['text', 'headline', 'title'],
  id: ['id', 'source_id'],
  revision: ['revision'],
  source: ['source'],
};

/** Columns by name or by position from 0. */
export type EventColumns = Readonly<Partial<Record<EventRole, number | string>>>;

/** Where each role stands in a table. */
export type EventPositions = ReadonlyMap<EventRole, number>;

/** Reads `known=published_at,text=2`. InputError that names `key`. */
export function parseEventColumns(text: string, key: string): EventColumns {
  const remedy = `As in: known=published_at,text=headline; keys are ${EVENT_ROLES.join(', ')}.`;
  return parseColumnRoles(text, key, { roles: EVENT_ROLES, remedy });
}

/** Finds the columns in a header. InputError names the file, and the columns that are missing. */
export function eventPositions(
  header: readonly string[],
  columns: EventColumns,
  { path, fixedKind, knownDeclared }: { path: string; fixedKind: boolean; knownDeclared: boolean },
): EventPositions {
  const names = header.map((name) =>
    name
      .replace(/^\ufeff/, '')
      .trim()
      .toLowerCase(),
  );
  const positions = new Map<EventRole, number>();
  for (const role of EVENT_ROLES) {
    const chosen = columns[role];
    const at =
      chosen === undefined
        ? names.findIndex((name) => NAMES[role].includes(name))
        : chosenPosition(chosen, role, { names, width: header.length, where: path });
    if (at >= 0) positions.set(role, at);
  }
  const shown = JSON.stringify(header.join(',').slice(0, 200));
  if (!positions.has('known') && !knownDeclared) {
    throw new InputError(
      `${path}: no column says when an event became known. The header holds ${shown}.`,
      'Name it (--columns known=NAME), or declare --delay 15m after its time or --known-at-ingestion.',
    );
  }
  if (!positions.has('known') && !positions.has('time')) {
    throw new InputError(
      `${path}: no column holds a time. The header holds ${shown}.`,
      'Name it: --columns time=NAME.',
    );
  }
  if (!positions.has('kind') && !fixedKind) {
    const remedy = 'Name it (--columns kind=NAME), or say it for all: --kind news.';
    throw new InputError(`${path}: no column says of what kind events are. The header holds ${shown}.`, remedy);
  }
  return positions;
}
