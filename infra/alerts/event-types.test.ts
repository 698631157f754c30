import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { EVENT_TYPES } from './event-types.ts';

/** Their types are the names of rules, and what Prometheus calls them. */
const NAMED_ELSEWHERE = ['infra/alerts/rules/evaluate-rules.ts', 'infra/alerts/prometheus-routes.ts'];
/** They raise every type that there is, to see it arrive. */
const EVIDENCE = /\.test\.ts$|\/testing\/|^backtest\/proofs\//;

/** Sources in which an alert may be made: they store one, or have the words of one. */
function raisingSources(): string[] {
  const listed = execFileSync('git', ['ls-files', '*.ts'], { cwd: packageRoot(), encoding: 'utf8' });
  return listed
    .split('\n')
    .filter((path) => path !== '' && !EVIDENCE.test(path) && !NAMED_ELSEWHERE.includes(path))
    .map((path) => readFileSync(`${packageRoot()}/${path}`, 'utf8'))
    .filter((text) => /import [^;]*\b(?:raiseAlert|AlertWord|SessionAlerts|EventTypeName)\b/.test(text));
}

it('are all that the sources raise, and nothing else', () => {
  const raised = raisingSources().flatMap((text) => [
    ...[...text.matchAll(/(?:\btype: |\braised\()'([a-z][a-z-]*)'/g)].map((found) => found[1]!),
    // The table of conditions has them as values.
    ...[...(/const TYPES[^{]*\{([^}]*)\}/.exec(text)?.[1] ?? '').matchAll(/: '([a-z-]+)'/g)].map((found) => found[1]!),
  ]);
  expect([...new Set(raised)].sort()).toEqual(EVENT_TYPES.map(({ type }) => type).sort());
});
