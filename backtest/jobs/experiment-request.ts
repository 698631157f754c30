import { z } from 'zod';

/** A backtest or walk-forward of an experiment: what `signalbox backtest NAME` and `walk-forward NAME` do. */
export const experimentRequestSchema = z
  .strictObject({
    // A name, never a path: what else lies on the machine is not run for whoever asks.
    experiment: z.string().regex(/^[\w][\w-]{0,99}$/, 'is no name of an experiment'),
    command: z.enum(['backtest', 'walk-forward']).default('backtest'),
    startDate: z.iso.date().optional().meta({ description: 'first day; that of the experiment without' }),
    endDate: z.iso.date().optional().meta({ description: 'last day; that of the experiment without' }),
    initialCapital: z.number().positive().max(1e15).optional(),
  })
  .superRefine(({ startDate, endDate }, { addIssue }) => {
    if (startDate === undefined || endDate === undefined || startDate <= endDate) return;
    addIssue({ code: 'custom', path: ['endDate'], message: 'is before startDate' });
  })
  .meta({
    id: 'ExperimentRequest',
    examples: [{ experiment: 'spx-trend', command: 'walk-forward', startDate: '2010-01-01', initialCapital: 50_000 }],
  });
export type ExperimentRequest = z.infer<typeof experimentRequestSchema>;

/** The keys of the experiment that a request changes, as `--set` takes them. */
export function changesOf({ startDate, endDate, initialCapital }: ExperimentRequest): string[] {
  const wanted = { 'data.from': startDate, 'data.to': endDate, capital: initialCapital };
  return Object.entries(wanted).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
}
