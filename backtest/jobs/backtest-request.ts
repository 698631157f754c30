import { z } from 'zod';

const names = z.array(z.string().min(1).max(100)).min(1).max(1_000);

/** A backtest of rule strategies over bars of the store. */
export const backtestRequestSchema = z
  .strictObject({
    startDate: z.iso.date(),
    endDate: z.iso.date().meta({ description: 'the last day' }),
    symbols: names,
    initialCapital: z.number().positive(),
    strategies: z
      .array(
        z.strictObject({
          id: z
            .string()
            .regex(/^[a-z][a-z0-9-]{0,99}$/, 'is no name of a rule strategy')
            .meta({ description: 'of GET /api/v1/strategies' }),
          name: z.string().min(1).max(100),
          enabled: z.boolean(),
          allocation: z.number().positive().max(1),
          symbols: names.meta({ description: 'those of the backtest that it trades' }),
          parameters: z.record(z.string().max(100), z.unknown()),
        }),
      )
      .min(1)
      .max(50),
  })
  .superRefine(({ startDate, endDate, symbols, strategies }, { addIssue }) => {
    const wrong = (path: (string | number)[], message: string): void => addIssue({ code: 'custom', path, message });
    if (startDate > endDate) wrong(['endDate'], 'is before startDate');
    const enabled = strategies.filter((one) => one.enabled);
    if (enabled.length === 0) wrong(['strategies'], 'none is enabled');
    const sum = enabled.reduce((all, { allocation }) => all + allocation, 0);
    if (sum > 1 + 1e-9)
      wrong(['strategies'], `allocations of those that are enabled add up to ${sum}, and to 1 at most`);
    if (new Set(enabled.map(({ name }) => name)).size < enabled.length) wrong(['strategies'], 'two have the same name');
    strategies.forEach((one, at) => {
      const stranger = one.symbols.find((symbol) => !symbols.includes(symbol));
      if (stranger !== undefined) wrong(['strategies', at, 'symbols'], `${stranger} is none of symbols`);
    });
  })
  .meta({
    id: 'BacktestRequest',
    examples: [
      {
        startDate: '2020-01-01',
        endDate: '2024-12-31',
        symbols: ['SPX'],
        initialCapital: 100_000,
        strategies: [
          {
            id: 'sma-cross',
            name: 'trend',
            enabled: true,
            allocation: 1,
            symbols: ['SPX'],
            parameters: { fast: 10, slow: 30 },
          },
        ],
      },
    ],
  });
export type BacktestRequest = z.infer<typeof backtestRequestSchema>;
