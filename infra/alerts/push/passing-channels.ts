import type pg from 'pg';
import type { Config } from '../../config.ts';
import type { AlertChannel } from '../alert.ts';
import { dropWaiting, pushesWaiting } from '../alert-store.ts';
import { PushChannel } from './push-channel.ts';
import { findPushes, removePush } from './push-store.ts';

type Pool = Pick<pg.Pool, 'query'>;

/** The browsers that messages wait for, as channels; undefined where no keys of web push are set. */
export function passingChannels(
  { alerts: { push: keys } }: Pick<Config, 'alerts'>,
  pool: Pool,
): (() => Promise<readonly AlertChannel[]>) | undefined {
  if (keys === null) return undefined;
  return async () => {
    const names = await pushesWaiting(pool);
    if (names.length === 0) return [];
    const numberOf = (name: string): number => Number(name.slice(name.indexOf(':') + 1));
    const found = await findPushes(pool, names.map(numberOf));
    const known = new Set(found.map(({ id }) => id));
    for (const name of names) if (!known.has(numberOf(name))) await dropWaiting(pool, name);
    return found.map(({ id, ...address }) => {
      const onGone = async (): Promise<void> => void (await removePush(pool, id, null));
      return new PushChannel({ id, address, keys, onGone });
    });
  };
}
