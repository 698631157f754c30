import { z } from 'zod';
import type { Identity } from '../../infra/auth/identity.ts';
import { HttpProblem } from '../../infra/http/problem.ts';

/** A name of a kept run, never a path. */
export const runId = z.string().regex(/^[^/\\]{1,300}$/, 'is no id of a run');
export const runParams = z.strictObject({ run: runId });

/** Runs are of no session: whoever is bound to sessions sees none. @throws HttpProblem */
export function requireAllRuns({ sessions }: Pick<Identity, 'sessions'>): void {
  if (sessions === null) return;
  throw new HttpProblem(403, 'not-allowed', 'You may see sessions of your own, and no runs.');
}
