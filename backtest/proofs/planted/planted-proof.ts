import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePrivateFile } from '../../../infra/files/private-file.ts';
import type { Random } from '../../../infra/random.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import type { Costs } from '../../../trading/brokers/simulated/cost-model.ts';
import { simulatedBroker } from '../../../trading/brokers/simulated/simulated-broker.ts';
import type { HistoricalSessionOptions } from '../../../trading/sessions/historical-session.ts';
import { RULE_STRATEGIES } from '../../../trading/strategies/rule-strategies.ts';
import { randomWalkBars, testInstrument } from '../../../trading/testing/random-walk-bars.ts';
import { auditFills } from '../../research/strategies/fill-audit.ts';
import { huntedSession, type Hunted } from '../../research/strategies/hunted-session.ts';
import { huntStrategy } from '../../research/strategies/strategy-look-ahead.ts';
import { strategyWarmUp } from '../../research/strategies/strategy-warm-up.ts';
import {
  fileText,
  LOOK_AHEAD_FILES,
  WARM_UP_FILES,
  type PlantedFile,
} from '../../research/strategies/testing/planted-files.ts';
import type { Proof } from '../proof.ts';

const BARS = 600;
const CUTS = 10;
const CONVENTIONS: readonly Partial<Costs>[] = [
  { feeBps: 1 },
  { fill: 'next-close', halfSpreadBps: 2 },
  { slippage: { kind: 'square-root', bps: 3 }, participation: 0.2 },
  { intrabar: 'open-high-low-close' },
];

type Plan = Omit<HistoricalSessionOptions, 'strategy'>;

/** A market of two symbols and one convention of fills. */
function planOf(random: Random, costs: Partial<Costs>, sigma: number): Plan {
  const seed = random.integer(2 ** 31);
  const bars = ['AAA', 'BBB'].map((symbol) => randomWalkBars(symbol, BARS, { seed, sigma }));
  return {
    bars,
    instruments: bars.map(({ symbol }) => testInstrument(symbol)),
    sizing: { kind: 'fraction-of-equity', fraction: 0.4 },
    limits: NAMED_LIMITS.unbounded,
    signals: { longShort: true },
    broker: simulatedBroker(costs),
    capital: 1e6,
  };
}

interface Seen {
  readonly lookAhead: number;
  readonly warmUp: number;
  readonly fills: number;
  readonly unfair: number;
}

function seenIn(hunted: Hunted, costs: Partial<Costs>, random: Random): Seen {
  const { findings, whole } = huntStrategy(hunted, { cuts: CUTS, random: random.fork('hunt') });
  const warmUp = strategyWarmUp(hunted, random.fork('warm-up'));
  const audit = auditFills({ bars: hunted.bars, effects: whole.effects, costs });
  return {
    lookAhead: findings.length,
    warmUp: warmUp.findings.length,
    fills: audit.fills,
    unfair: audit.findings.length,
  };
}

async function runCase(random: Random, index: number): Promise<Record<string, number | string>> {
  const costs = CONVENTIONS[index % CONVENTIONS.length]!;
  const plan = planOf(random, costs, 0.005 + 0.02 * random.next());
  const folder = mkdtempSync(join(tmpdir(), 'planted-'));
  let [planted, named, clean, alarms, fills] = [0, 0, 0, 0, 0];
  const missed: string[] = [];
  const file = (one: Omit<PlantedFile, 'clean'>): Promise<Hunted> => {
    const path = join(folder, `mine-${planted}.ts`);
    writePrivateFile(path, fileText(one));
    return huntedSession({ name: path, parameters: {} }, plan);
  };
  const quiet = (name: string, seen: Seen, looked: (seen: Seen) => number): void => {
    clean += 1;
    fills += seen.fills;
    if (looked(seen) === 0) return;
    alarms += 1;
    missed.push(`alarm: ${name}`);
  };
  try {
    for (const [files, what] of [
      [LOOK_AHEAD_FILES, 'lookAhead'],
      [WARM_UP_FILES, 'warmUp'],
    ] as const) {
      for (const one of files) {
        planted += 1;
        if (seenIn(await file(one), costs, random)[what] > 0) named += 1;
        else missed.push(`not named: ${one.mistake}`);
        const twin = seenIn(await file({ ...one, body: one.clean }), costs, random);
        quiet(`twin of ${one.mistake}`, twin, (seen) => seen[what] + seen.lookAhead + seen.unfair);
      }
    }
    const protection = { stopLoss: { atr: 3 }, takeProfit: { percent: 0.06 }, trailing: { percent: 0.05 } };
    for (const name of RULE_STRATEGIES) {
      const rule = await huntedSession({ name, parameters: {} }, { ...plan, protection });
      quiet(name, seenIn(rule, costs, random), ({ lookAhead, warmUp, unfair }) => lookAhead + warmUp + unfair);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { planted, named, clean, alarms, fills, first: missed[0] ?? '' };
}

/** Strategies with a mistake planted in each beside clean twins and every rule that is shipped. */
export const PLANTED_PROOF: Proof = {
  name: 'planted-strategies',
  shows: 'look-ahead and warm-up planted in strategies, stops and entries are named, without an alarm on clean ones',
  count: 10,
  run: ({ random, index }) => runCase(random, index),
  conclude: (cases) => {
    const sum = (name: string): number => cases.reduce((total, figures) => total + Number(figures[name]), 0);
    const [planted, named, clean, alarms, fills] = ['planted', 'named', 'clean', 'alarms', 'fills'].map(sum) as [
      number,
      number,
      number,
      number,
      number,
    ];
    return { holds: named === planted && alarms === 0, figures: { planted, named, clean, alarms, fills } };
  },
};
