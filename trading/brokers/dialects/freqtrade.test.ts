import { expect, it } from 'vitest';
import { dialectBars, dialectSession, type DialectOptions, type DialectRow } from '../../testing/dialect-session.ts';

// Scenarios of freqtrade, tests/optimize/test_backtest_detail.py (GPL-3.0): its inputs and the profits that it expects,
// as facts. Its conventions by their names here: a stop is filled at its price where the bar trades there and else at
// the open (`in-range`); what was protected before comes first, then a trailing stop follows within the bar
// (`trail-in-bar`). It rounds profits to a tenth of a per cent.

interface Scenario {
  readonly name: string;
  readonly rows: readonly DialectRow[];
  readonly signals: string;
  readonly stop: number;
  readonly target?: number;
  readonly trailing?: number;
  readonly after?: number;
  /** Profit of all trades together, as shares of their entries. */
  readonly profit: number;
  /** Bar of each exit, and what it was. */
  readonly exits: readonly (readonly [bar: number, why: string])[];
}

/** The bar of the signal and that of the entry in most scenarios. */
const START: readonly DialectRow[] = [
  [5000, 5025, 4975, 4987],
  [5000, 5025, 4975, 4987],
];
const CALM: readonly DialectRow[] = [
  [5000, 5050, 4950, 5000],
  [5000, 5050, 4950, 5000],
];
const FALL: DialectRow = [4750, 4950, 4350, 4750];
const RAISED: readonly DialectRow[] = [
  [5000, 5050, 4950, 5000],
  [5000, 5100, 4950, 5100],
];

const STOPS: readonly Scenario[] = [
  {
    name: '0: the exit signal is acted on at the next open',
    rows: [...START, [4987, 5012, 4986, 4986], [5010, 5010, 4980, 5010], [5010, 5011, 4977, 4995]],
    signals: 'L..X.',
    stop: 0.01,
    profit: 0.002,
    exits: [[4, 'signal']],
  },
  {
    name: '1: a stop is filled at its price, however far the bar falls',
    rows: [...START, [4987, 5012, 4600, 4600]],
    signals: 'L',
    stop: 0.01,
    profit: -0.01,
    exits: [[2, 'stop-loss']],
  },
  {
    name: '3: two trades, each stopped',
    rows: [
      ...START,
      [4987, 5012, 4800, 4975],
      [4975, 5000, 4950, 4962],
      [4975, 5000, 4950, 4962],
      [4962, 4987, 4000, 4000],
    ],
    signals: 'L..L',
    stop: 0.02,
    profit: -0.04,
    exits: [
      [2, 'stop-loss'],
      [5, 'stop-loss'],
    ],
  },
  {
    name: '4 and 6: of stop and target in one bar the stop is first',
    rows: [...START, [4987, 5750, 4850, 5750]],
    signals: 'L',
    stop: 0.02,
    target: 0.06,
    profit: -0.02,
    exits: [[2, 'stop-loss']],
  },
  {
    name: '5: the target is filled at its price',
    rows: [...START, [4987, 5025, 4975, 4987], [4975, 6000, 4975, 6000]],
    signals: 'L',
    stop: 0.01,
    target: 0.03,
    profit: 0.03,
    exits: [[3, 'take-profit']],
  },
  {
    name: '13: a target is reached in the bar of the entry',
    rows: RAISED,
    signals: 'L',
    stop: 0.1,
    target: 0.01,
    profit: 0.01,
    exits: [[1, 'take-profit']],
  },
  {
    name: '14: a stop is reached in the bar of the entry',
    rows: [CALM[0]!, [5000, 5100, 4600, 5100]],
    signals: 'L',
    stop: 0.05,
    target: 0.1,
    profit: -0.05,
    exits: [[1, 'stop-loss']],
  },
  {
    name: '15: both, one after the other',
    rows: [CALM[0]!, [5000, 5100, 4900, 5100], [5100, 5251, 4650, 5100]],
    signals: 'LL',
    stop: 0.05,
    target: 0.01,
    profit: -0.04,
    exits: [
      [1, 'take-profit'],
      [2, 'stop-loss'],
    ],
  },
  {
    name: '25: a stop in the bar of the exit signal comes before it',
    rows: [...START, [4987, 5012, 4986, 4986], [5010, 5010, 4855, 5010], [5010, 5010, 4977, 4995]],
    signals: 'L..X',
    stop: 0.01,
    profit: -0.01,
    exits: [[3, 'stop-loss']],
  },
  {
    name: '26: the open that the exit signal takes comes before a stop in that bar',
    rows: [...START, [4987, 5012, 4986, 4986], [5010, 5010, 4986, 5010], [5010, 5010, 4855, 4995]],
    signals: 'L..X',
    stop: 0.01,
    profit: 0.002,
    exits: [[4, 'signal']],
  },
  {
    name: '28: the same of a short position, without its leverage of five',
    rows: [...START, [4987, 5012, 4986, 4986], [5010, 5010, 4986, 5010], [4990, 5010, 4855, 4995]],
    signals: 'S..X',
    stop: 0.05,
    profit: 0.002,
    exits: [[4, 'signal']],
  },
  {
    name: '30: and before a target in that bar',
    rows: [...START, [4987, 5012, 4986, 4986], [5010, 5012, 4986, 5010], [5010, 5251, 4855, 4995]],
    signals: 'L..X',
    stop: 0.1,
    target: 0.05,
    profit: 0.002,
    exits: [[4, 'signal']],
  },
];

const TRAILS: readonly Scenario[] = [
  {
    name: '8: a trailing stop that a bar has raised is hit by the next',
    rows: [...CALM, [5000, 5250, 4750, 4850], [4850, 5050, 4650, 4750]],
    signals: 'L',
    stop: 0.1,
    target: 0.1,
    trailing: 0.1,
    profit: -0.055,
    exits: [[3, 'trailing-stop']],
  },
  {
    name: '9: raised and hit in one bar',
    rows: [...CALM, CALM[0]!, [5000, 5200, 4550, 4850]],
    signals: 'L',
    stop: 0.1,
    target: 0.1,
    trailing: 0.1,
    profit: -0.064,
    exits: [[3, 'trailing-stop']],
  },
  {
    name: '10: never begun, so that the stop-loss is what is left',
    rows: [...RAISED, [5100, 5251, 5100, 5100], [4850, 5050, 4650, 4750], FALL],
    signals: 'L',
    stop: 0.1,
    target: 0.1,
    trailing: 0.03,
    after: 0.1,
    profit: -0.1,
    exits: [[4, 'stop-loss']],
  },
  {
    name: '11: begun, and filled at its price though the bar opens below it',
    rows: [...RAISED, [5100, 5251, 5100, 5100], [5000, 5150, 4650, 4750]],
    signals: 'L',
    stop: 0.1,
    target: 0.1,
    trailing: 0.03,
    after: 0.05,
    profit: 0.019,
    exits: [[3, 'trailing-stop']],
  },
  {
    name: '12: begun and hit in one bar',
    rows: [...RAISED, [5100, 5251, 4650, 5100]],
    signals: 'L',
    stop: 0.1,
    target: 0.1,
    trailing: 0.03,
    after: 0.05,
    profit: 0.019,
    exits: [[2, 'trailing-stop']],
  },
  {
    name: '21 and 22: a target comes before a trailing stop that is raised on the way to it',
    rows: [...RAISED, [5100, 5251, 4650, 5100]],
    signals: 'L',
    stop: 0.1,
    target: 0.04,
    trailing: 0.03,
    after: 0.05,
    profit: 0.04,
    exits: [[2, 'take-profit']],
  },
  {
    name: '23: the same of a short position',
    rows: [CALM[0]!, [5000, 5050, 4900, 4900], [4900, 4900, 4749, 4900]],
    signals: 'S',
    stop: 0.1,
    target: 0.04,
    trailing: 0.03,
    after: 0.05,
    profit: 0.04,
    exits: [[2, 'take-profit']],
  },
  {
    name: '31: a bar that stays below the stop fills it at the open',
    rows: [...RAISED, [5100, 5251, 5100, 5100], [4850, 5050, 4650, 4750]],
    signals: 'L',
    stop: 0.1,
    target: 0.1,
    trailing: 0.03,
    after: 0.05,
    profit: -0.03,
    exits: [[3, 'trailing-stop']],
  },
  {
    name: '32: the same of a short position',
    rows: [CALM[0]!, [5000, 5050, 4890, 4890], [4890, 4890, 4749, 4890], [5150, 5350, 4950, 4950]],
    signals: 'S',
    stop: 0.1,
    target: 0.1,
    trailing: 0.03,
    after: 0.05,
    profit: -0.03,
    exits: [[3, 'trailing-stop']],
  },
  {
    name: '33: a stop that the bar reaches as it is does not follow its high first',
    rows: [CALM[0]!, [5000, 5050, 5000, 5000], [4900, 5250, 4500, 5100]],
    signals: 'L',
    stop: 0.1,
    target: 0.1,
    trailing: 0.03,
    profit: -0.02,
    exits: [[2, 'trailing-stop']],
  },
  {
    name: '34: in the bar of the entry it is filled where it began',
    rows: [CALM[0]!, [5000, 5500, 4900, 4900]],
    signals: 'L',
    stop: 0.1,
    trailing: 0.01,
    profit: -0.01,
    exits: [[1, 'trailing-stop']],
  },
  {
    name: '35: or where it is once it begins',
    rows: [CALM[0]!, [5000, 5500, 4900, 4900]],
    signals: 'L',
    stop: 0.1,
    trailing: 0.01,
    after: 0.02,
    profit: 0.01,
    exits: [[1, 'trailing-stop']],
  },
  {
    name: '36 and 37: or at the low that is better',
    rows: [CALM[0]!, [5000, 5500, 4951, 5000]],
    signals: 'L',
    stop: 0.1,
    trailing: 0.01,
    profit: -0.01,
    exits: [[1, 'trailing-stop']],
  },
  {
    name: '38: the same of a short position',
    rows: [CALM[0]!, [5000, 5049, 4500, 5000]],
    signals: 'S',
    stop: 0.1,
    trailing: 0.01,
    profit: -0.01,
    exits: [[1, 'trailing-stop']],
  },
];

function protectionOf({ stop, target, trailing, after }: Scenario): DialectOptions['protection'] {
  const share = (percent: number | undefined) => (percent === undefined ? null : { percent });
  return { stopLoss: share(stop), takeProfit: share(target), trailing: share(trailing), trailingAfter: share(after) };
}

it.each([...STOPS, ...TRAILS])('freqtrade $name', (scenario) => {
  const { result } = dialectSession(dialectBars(scenario.rows), {
    signals: scenario.signals,
    costs: { stopFill: 'in-range', intrabar: 'trail-in-bar' },
    protection: protectionOf(scenario),
  });
  const closed = result.ledger.filter(({ exitTimeMs }) => exitTimeMs !== null);
  const profit = closed.reduce((sum, { pnl, entryPrice }) => sum + pnl / entryPrice, 0);
  expect(Math.round(profit * 1e3) / 1e3).toBeCloseTo(scenario.profit, 12);
  const times = [...result.timeMs];
  expect(
    closed.map(({ exit, exitTimeMs }) => [
      times.findIndex((close) => close >= exitTimeMs! + (exit === 'signal' ? 1 : 0)),
      exit,
    ]),
  ).toEqual(scenario.exits);
});
