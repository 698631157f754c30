import { InputError } from '../../infra/errors.ts';
import type { RouteRequest } from '../../infra/http/route.ts';
import { maySeeStrategy } from './kept-output.ts';
import type { WholeStrategy } from './seen-strategies.ts';
import { seenStrategy } from './strategy-actions.ts';

/** A strategy as it stands, for whoever asks. @throws InputError where a strategy is not there or not theirs to see */
export async function visibleStrategy(
  { context, identity }: Pick<RouteRequest, 'context' | 'identity'>,
  name: string,
): Promise<WholeStrategy> {
  const seen = await seenStrategy(await context.database(), name);
  if (maySeeStrategy(identity!, seen.strategy)) return seen;
  throw new InputError(`there is no strategy "${name}"`, 'GET /api/v1/strategies lists them.');
}
