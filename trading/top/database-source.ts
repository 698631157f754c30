import { operatorOf } from '../../infra/audit/operator.ts';
import type { CommandContext } from '../../infra/command.ts';
import { ChangeFeed } from '../../infra/postgres/change-feed.ts';
import { channelNamed } from '../api/live/channels.ts';
import { LiveHub, type Listener } from '../api/live/live-hub.ts';
import { showLimits } from '../sessions/operators/risk-output.ts';
import { tellSessions } from '../sessions/operators/tell-sessions.ts';
import { stopCommand } from '../sessions/supervisor/stop-command.ts';
import { inOrder, REASON, type TopEars, type TopRow, type TopSource } from './top-source.ts';

/** Straight over the database: the channels of the service, read as it reads them. */
export async function databaseSource(context: CommandContext, ears: TopEars): Promise<TopSource> {
  const database = await context.database();
  const say = (words: string): void => ears.state(words);
  const hub = new LiveHub(context, { warn: () => say('a look failed: the database may be away') });
  const feed = new ChangeFeed(database.url, (change) => {
    if (change === 'all') say('');
    hub.hear(change);
  });
  const open = new Map<string, Listener>();
  return {
    listen: (name) => {
      const channel = channelNamed(name)!;
      let told: () => void = () => undefined;
      const listener: Listener = () => told();
      open.set(name, listener);
      const begin = async (): Promise<void> => {
        const view = await hub.listen(channel, listener);
        told = () => {
          if (open.get(name) !== listener) return;
          ears.rows(name, inOrder(name, JSON.parse(view.snapshot().text) as TopRow[]));
        };
        if (open.get(name) === listener) told();
        else hub.leave(channel, listener);
      };
      begin().catch((error: unknown) => say((error as Error).message));
    },
    leave: (name) => {
      const listener = open.get(name);
      open.delete(name);
      if (listener !== undefined) hub.leave(channelNamed(name)!, listener);
    },
    limits: async (session) => {
      const { value } = await showLimits(database, session);
      return (value as { limits: Readonly<Record<string, unknown>> | null }).limits;
    },
    stop: async (session) => (await stopCommand(context, { wait: '0', reason: REASON }, session)).text(),
    emergencyStop: async (sessionId) => {
      const telling = { sessionId, actor: operatorOf(context.config), reason: REASON };
      return (await tellSessions(database, 'emergency-stop', telling)).text();
    },
    close: async () => {
      hub.close();
      await feed.close();
    },
  };
}
