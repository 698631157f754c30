import { appendAudit, type Actor } from '../../infra/audit/audit-store.ts';
import type { CommandContext } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { HttpProblem } from '../../infra/http/problem.ts';
import { sentExperiment } from '../../models/experiment/sent/sent-experiment.ts';
import { seenStrategy, type CapitalPermit } from './strategy-actions.ts';
import type { WholeStrategy } from './seen-strategies.ts';
import { addStrategy, addVersion, findStrategy, type StrategySettings } from './strategy-store.ts';

/** What is kept as a version. */
interface AskedVersion extends StrategySettings {
  readonly name: string;
  readonly yaml: string;
  readonly reason: string;
}

/**
 * Keeps a new strategy, stopped, or, with `from`, a version that follows that one. The text is checked like a file
 * before; a session that runs keeps its version.
 * @throws YamlError and InputError for what is wrong with it, HttpProblem (409, 412) for a name that is taken and a
 * version that is not the newest
 */
export async function keepStrategy(
  context: Pick<CommandContext, 'config' | 'database'>,
  asked: AskedVersion,
  { actor, from, permit }: { readonly actor: Actor; readonly from: number | null; readonly permit?: CapitalPermit },
): Promise<WholeStrategy> {
  const { name, yaml, reason, broker, feed, speed, foreign } = asked;
  const { capital } = await sentExperiment(yaml, context.config);
  const settings = { broker, feed: broker === 'simulated' ? feed : 'live', speed, foreign } as const;
  const made = { name, yaml, settings, by: actor.name, reason };
  const database = await context.database();
  await database.transaction(async (client) => {
    let version = 1;
    if (from === null) {
      if (!(await addStrategy(client, made))) {
        throw new HttpProblem(409, 'name-taken', `There is a strategy "${name}" already.`, { remedy: 'Change it.' });
      }
    } else {
      const found = await findStrategy(client, name, { lock: true });
      if (found === undefined) throw new InputError(`there is no strategy "${name}"`, 'Create it.');
      // A session that is about to begin takes this version.
      if (found.restart) await permit?.(client, capital);
      version = (await addVersion(client, from, made)) ?? notNewest(name, from, found.version);
    }
    const details = { strategy: name, version, ...settings };
    const action = from === null ? 'strategy-created' : 'strategy-changed';
    await appendAudit(client, [{ actor, action, sessionId: null, reason, details }]);
  });
  return seenStrategy(database, name);
}

function notNewest(name: string, from: number, newest: number): never {
  const detail = `Version ${from} of strategy "${name}" is not the newest: that is ${newest}.`;
  throw new HttpProblem(412, 'not-newest', detail, { remedy: 'Look at what was changed, and change that.' });
}
