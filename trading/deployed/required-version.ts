import type pg from 'pg';
import { InputError } from '../../infra/errors.ts';
import { readVersion } from './strategy-store.ts';

/** One version of a strategy with its YAML. @throws InputError where there is none */
export async function requiredVersion(
  client: Pick<pg.ClientBase, 'query'>,
  strategy: string,
  version: number,
): Promise<NonNullable<Awaited<ReturnType<typeof readVersion>>>> {
  const found = await readVersion(client, strategy, version);
  if (found !== undefined) return found;
  throw new InputError(`there is no version ${version} of strategy "${strategy}"`, 'Take one of its versions.');
}
