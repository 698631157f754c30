import { nearestName } from '../../features/expressions/nearest-name.ts';
import { InputError } from '../../infra/errors.ts';
import { costsSchema } from '../../models/experiment/costs-schema.ts';
import { INTRABAR_ORDERS, STOP_FILLS } from '../../trading/brokers/simulated/resting-orders.ts';
import { FILL_TIMES, type Costs } from '../../trading/brokers/simulated/cost-model.ts';
import type { RuleOptions } from '../command-options.ts';
import { parseAssignments } from '../../models/experiment/limits/assignments.ts';
import { parseNumber } from './number-options.ts';
import { oneOf } from './session-options.ts';

/** Keys of `costs` in an experiment that `--cost` takes, those of its parts with a dot. */
const KEYS = [
  'halfSpreadBps',
  'spread',
  'cashBuffer',
  'sizedAt',
  'participation',
  'latencyMs',
  'slippage.kind',
  'file',
  ...[
    ...['perShare', 'perOrder', 'perOrderMin', 'maxShare', 'makerBps', 'takerBps', 'asset'],
    ...['makerPerShare', 'takerPerShare'],
  ].map((key) => `commission.${key}`),
  ...['borrow', 'funding', 'debit', 'credit', 'daysInYear'].map((key) => `financing.${key}`),
] as const;

/**
 * The costs and conventions of a run over a file: none but those that are named. InputError names an unknown key and
 * the nearest one.
 */
export function parseCosts(options: RuleOptions): Costs {
  const plain = {
    feeBps: parseNumber(options.feeBps, '--fee-bps', 0),
    halfSpreadBps: 0,
    slippage: { kind: 'fixed', bps: parseNumber(options.slippageBps, '--slippage-bps', 0) },
    fill: oneOf(options.fill, FILL_TIMES, '--fill'),
    intrabar: oneOf(options.intrabar, INTRABAR_ORDERS, '--intrabar'),
    stopFill: oneOf(options.stopFill, STOP_FILLS, '--stop-fill'),
  };
  const whole: Record<string, unknown> = { ...plain };
  for (const [key, value] of Object.entries(parseAssignments(options.cost, '--cost'))) {
    if (!(KEYS as readonly string[]).includes(key) && !key.startsWith('parameters.')) {
      throw new InputError(
        `--cost: there is no ${key}; did you mean ${nearestName(key, KEYS, Infinity)}?`,
        `The keys are ${KEYS.join(', ')}. Fees and slippage have --fee-bps and --slippage-bps.`,
      );
    }
    const [part, inner] = key.split('.') as [string, string | undefined];
    whole[part] = inner === undefined ? value : { ...(whole[part] as object | undefined), [inner]: value };
  }
  const parsed = costsSchema.safeParse(whole);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new InputError(`--cost ${issue.path.join('.')}: ${issue.message}`, 'Correct the value.');
}
