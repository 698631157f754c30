import type pg from 'pg';
import { hashOf } from '../../../infra/hash.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { limitsOf, type Experiment } from '../../../models/experiment/experiment.ts';
import { experimentHash } from '../../../models/experiment/load-experiment.ts';
import { aliasHolder } from '../../../models/registry/model-store.ts';
import { countRecords } from '../../journal/journal-store.ts';
import type { RecordCounts } from '../../journal/listed-rows.ts';
import { newestParity } from '../parity/parity-store.ts';
import type { SessionParity } from '../parity/session-parity.ts';
import { rulesOf } from '../rules-experiment.ts';
import { daysOfBars } from '../session-bar-store.ts';
import { listSessions, type ListedSession } from '../session-store.ts';
import type { StageEvidence } from './stage-gate.ts';

/** What identifies an experiment as its sessions on live data do. */
export async function stageHash(experiment: Experiment): Promise<string> {
  return (await rulesOf(experiment))?.hash ?? experimentHash(experiment);
}

/** What is on record of an experiment as it stands. */
export async function stageEvidence({ pool }: Pick<Database, 'pool'>, experiment: Experiment): Promise<StageEvidence> {
  const { name } = experiment;
  const hash = await stageHash(experiment);
  const sessions = await listSessions(pool, { backtests: true });
  const own = sessions.filter((one) => one.experiment === name && one.definition.experimentHash === hash);
  const backtests = own.filter(({ kind, state }) => kind === 'backtest' && state === 'ended');
  const paper = own.filter(
    ({ kind, definition }) => kind === 'paper' && definition.feed !== undefined && definition.mode !== 'observation',
  );
  const counts: RecordCounts[] = [];
  for (const { id } of paper) counts.push(await countRecords(pool, id));
  const sum = (of: (count: RecordCounts) => number): number => counts.reduce((all, one) => all + of(one), 0);
  const [newest] = paper;
  const champion = experiment.strategies === undefined ? await aliasHolder(pool, name, 'champion') : null;
  return {
    backtests: backtests.length,
    champion: champion === null ? null : `${champion.name}@${champion.version}`,
    paper: {
      sessions: paper.length,
      days: await daysOfBars(
        pool,
        paper.map(({ id }) => id),
      ),
      orders: sum(({ orders }) => orders),
      fills: sum(({ fills }) => fills),
      refusals: sum(({ refusals }) => refusals),
      totalReturn: newest === undefined || newest.equity === null ? null : newest.equity / newest.capital - 1,
      killState: newest?.killState ?? null,
    },
    parity: await parityOf(pool, paper),
    limitsHash: hashOf(limitsOf(experiment)).slice(0, 8),
  };
}

async function parityOf(
  client: Pick<pg.ClientBase, 'query'>,
  sessions: readonly Pick<ListedSession, 'id'>[],
): Promise<StageEvidence['parity']> {
  const compared = await newestParity(
    client,
    sessions.map(({ id }) => id),
  );
  if (compared.length === 0) return null;
  const sum = (of: (one: SessionParity) => number): number => compared.reduce((all, one) => all + of(one), 0);
  return {
    sessions: compared.length,
    orders: sum(({ orders }) => orders.session),
    differences: sum(({ byClass }) => Object.values(byClass).reduce((all, { count }) => all + count, 0)),
    cost: sum(({ cost }) => cost),
  };
}
