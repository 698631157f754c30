/** What a board is looked at with. */
export interface QueryScope {
  readonly from: Date;
  readonly to: Date;
  /** Width of a point on the time axis, in seconds. */
  readonly intervalSeconds: number;
  readonly choices: Readonly<Record<string, readonly string[]>>;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** The SQL of a panel as Grafana would send it: time range, grouping and choices filled in. */
export function expandSql(sql: string, scope: QueryScope): string {
  return expanded(sql, scope, literal);
}

/** The same for a server of ours: what is filled in goes beside the text, as parameters. */
export function boundSql(sql: string, scope: QueryScope): { readonly text: string; readonly values: string[] } {
  const values: string[] = [];
  const text = expanded(sql, scope, (value) => {
    const known = values.indexOf(value);
    return `$${known < 0 ? values.push(value) : known + 1}`;
  });
  return { text, values };
}

function expanded(
  sql: string,
  { from, to, intervalSeconds, choices }: QueryScope,
  value: (text: string) => string,
): string {
  const seconds = (text: string): number => {
    const [, count, unit] = /^'?(\d+)([smhd])'?$/.exec(text.trim()) ?? [];
    return count === undefined ? intervalSeconds : Number(count) * SECONDS[unit!]!;
  };
  return sql
    .replace(/\$__timeFilter\(([^)]+)\)/g, (_, column: string) => {
      return `${column} BETWEEN ${value(from.toISOString())} AND ${value(to.toISOString())}`;
    })
    .replace(/\$__timeGroupAlias\(([^,]+),([^)]+)\)/g, (_, column: string, width: string) => {
      const every = seconds(width);
      return `to_timestamp(floor(date_part('epoch', ${column}) / ${every}) * ${every}) AS "time"`;
    })
    .replace(/\$\{(\w+):sqlstring\}/g, (_, name: string) => (choices[name] ?? []).map(value).join(', ') || 'NULL');
}

/** The PromQL of a panel as Grafana would send it. */
export function expandProm(expression: string, { intervalSeconds, choices }: QueryScope): string {
  return expression
    .replaceAll('$__rate_interval', `${Math.max(60, 4 * intervalSeconds)}s`)
    .replace(/\$(\w+)/g, (_, name: string) => (choices[name] ?? []).map(escaped).join('|') || '.*');
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** Inside a regular expression inside a string. */
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\\\$&').replaceAll('"', '\\"');
