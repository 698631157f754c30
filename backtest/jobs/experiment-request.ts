import { z } from 'zod';

const day = (words: string) =>
  z.iso
    .date()
    .optional()
    .meta({ description: `${words}; that of the experiment without` });

/** What is done, and what is not as the experiment has it. */
const changes = {
  command: z.enum(['backtest', 'walk-forward']).default('backtest'),
  startDate: day('first day'),
  endDate: day('last day'),
  initialCapital: z.number().positive().max(1e15).optional(),
};

function requireOrder(
  { startDate, endDate }: { startDate?: string | undefined; endDate?: string | undefined },
  { addIssue }: Pick<z.RefinementCtx, 'addIssue'>,
): void {
  if (startDate === undefined || endDate === undefined || startDate <= endDate) return;
  addIssue({ code: 'custom', path: ['endDate'], message: 'is before startDate' });
}

/** A backtest or walk-forward of an experiment: what `signalbox backtest NAME` and `walk-forward NAME` do. */
export const experimentRequestSchema = z
  .strictObject({
    // A name, never a path: what else lies on the machine is not run for whoever asks.
    experiment: z.string().regex(/^[\w][\w-]{0,99}$/, 'is no name of an experiment'),
    ...changes,
  })
  .superRefine(requireOrder)
  .meta({
    id: 'ExperimentRequest',
    examples: [{ experiment: 'spx-trend', command: 'walk-forward', startDate: '2010-01-01', initialCapital: 50_000 }],
  });
export type ExperimentRequest = z.infer<typeof experimentRequestSchema>;

/** The same of a strategy that the service keeps: of the experiment as one of its versions has it. */
export const strategyBacktestSchema = z
  .strictObject({
    version: z.int().min(1).max(1_000_000).optional().meta({ description: 'of the strategy; its newest without' }),
    ...changes,
  })
  .superRefine(requireOrder)
  .meta({
    id: 'StrategyBacktest',
    examples: [{ version: 1, command: 'backtest', startDate: '2010-01-01', initialCapital: 50_000 }],
  });

/** That as a job has it on record: a version never changes. */
export interface StrategyRequest extends Omit<ExperimentRequest, 'experiment'> {
  readonly strategy: string;
  readonly version: number;
}

/** The keys of the experiment that a request changes, as `--set` takes them. */
export function changesOf({
  startDate,
  endDate,
  initialCapital,
}: Pick<ExperimentRequest, 'startDate' | 'endDate' | 'initialCapital'>): string[] {
  const wanted = { 'data.from': startDate, 'data.to': endDate, capital: initialCapital };
  return Object.entries(wanted).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
}
