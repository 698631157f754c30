import { ODD_WEEKS, SPLITS } from '../../../trading/testing/venue/week/week-plan.ts';
import { runSimulatedWeek } from '../../../trading/testing/venue/week/simulated-week.ts';
import { share, type CaseContext, type CaseFigures, type Proof } from '../proof.ts';

const EXITS = ['stop', 'pair', 'own'] as const;

/** Each week with each kind of exit, and each split in turn. */
async function runCase({ index }: CaseContext): Promise<CaseFigures> {
  const week = ODD_WEEKS[index % ODD_WEEKS.length]!;
  const exits = EXITS[Math.floor(index / ODD_WEEKS.length) % EXITS.length]!;
  const split = SPLITS[Math.floor(index / (ODD_WEEKS.length * EXITS.length)) % SPLITS.length]!;
  const books = await runSimulatedWeek({ week, exits, split, seed: index });
  return {
    week: week.name,
    exits,
    split: `${split.to}:${split.from}`,
    orders: books.orders,
    executions: books.theirs.length,
    sameExecutions: JSON.stringify(books.ours) === JSON.stringify(books.theirs),
    samePositions: JSON.stringify(books.ourPositions) === JSON.stringify(books.theirPositions),
    sameCash: books.ourCash === books.theirCash,
    twice: books.twice,
    outsideHours: books.outsideHours,
    lost: books.lost.length,
    empty: books.empty,
    bare: exits === 'own' ? 0 : books.bare.length,
    heldThroughSplit: books.heldThroughSplit,
    restated: books.restated,
  };
}

const sum = (cases: readonly CaseFigures[], name: string): number =>
  cases.reduce((total, figures) => total + Number(figures[name]), 0);

const SAME = ['sameExecutions', 'samePositions', 'sameCash'] as const;
const NONE = ['twice', 'outsideHours', 'lost', 'empty', 'bare'] as const;
const COUNTED = ['orders', 'executions', 'heldThroughSplit', 'restated', ...NONE] as const;

/** Weeks at a venue whose clock is passed in. */
export const WEEK_PROOF: Proof = {
  name: 'week',
  shows:
    'weeks at Alpaca over a holiday, a half day, both changes of the clock, splits, a halt and maintenance: no order ' +
    'outside hours, none lost, the books equal',
  count: ODD_WEEKS.length * EXITS.length * SPLITS.length,
  run: runCase,
  conclude: (cases) => ({
    holds: SAME.every((name) => share(cases, name) === 1) && NONE.every((name) => sum(cases, name) === 0),
    figures: {
      weeks: cases.length,
      ...Object.fromEntries(SAME.map((name) => [name, share(cases, name)])),
      ...Object.fromEntries(COUNTED.map((name) => [name, sum(cases, name)])),
    },
  }),
};
