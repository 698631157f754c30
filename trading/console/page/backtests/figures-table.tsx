import { ScrollArea, Table, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats, type Formats } from '../parts/formats.ts';
import type { KeptRun } from './run-queries.ts';

type Show = (value: number | null, formats: Formats) => string;
const percent: Show = (value, formats) => formats.percent(value, 2);
const number: Show = (value, formats) => formats.number(value);
const whole: Show = (value, formats) => formats.exact(value, 0);
const money: Show = (value, formats) => formats.money(value);

/** Figures in the order of the report. */
export const FIGURES: readonly (readonly [key: string, name: string, show: Show])[] = [
  ['totalReturn', 'Total return', percent],
  ['cagr', 'Return a year', percent],
  ['volatility', 'Volatility a year', percent],
  ['sharpe', 'Sharpe ratio', number],
  ['sortino', 'Sortino ratio', number],
  ['calmar', 'Calmar ratio', number],
  ['maxDrawdown', 'Deepest drawdown', percent],
  ['exposure', 'Average exposure', percent],
  ['turnover', 'Turnover a year, times equity', number],
  ['trades', 'Trades', whole],
  ['winRate', 'Trades won', percent],
  ['profitFactor', 'Profit factor', number],
  ['expectancy', 'Mean profit of a trade', money],
  ['fees', 'Fees', money],
  ['slippage', 'Spread and slippage', money],
  ['finalEquity', 'Final equity', money],
  ['probabilisticSharpe', 'Probabilistic Sharpe', number],
  ['deflatedSharpe', 'Deflated Sharpe', number],
  ['trials', 'Trials on these data', whole],
  ['probabilityOfOverfitting', 'Probability of overfitting', number],
  ['minimumTrackRecordLength', 'Least length of a record, days', whole],
];

const COLUMNS = [
  ['buyAndHold', 'Buy and hold'],
  ['buyAndHoldSameExposure', 'Same exposure'],
  ['randomSameTurnover', 'Random, median'],
] as const;

/** A figure as text; a dash where there is none. */
export function figureText(
  of: Readonly<Record<string, unknown>> | null | undefined,
  key: string,
  formats: Formats,
): string {
  const [, , show] = FIGURES.find(([name]) => name === key)!;
  const value = of?.[key];
  return show(typeof value === 'number' ? value : null, formats);
}

/** All figures of a run beside those of its baselines, under the same costs and limits. */
export function FiguresTable({ run: { result, currency } }: { readonly run: KeptRun }): ReactNode {
  const formats = useFormats();
  const rows = FIGURES.filter(([key]) => typeof result[key] === 'number');
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        Figures beside the baselines{currency === null ? '' : `, money in ${currency}`}
      </Title>
      <ScrollArea viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': 'Figures' }}>
        <Table withTableBorder fz="sm" verticalSpacing={3} miw={620}>
          <Table.Thead>
            <Table.Tr>
              {['Figure', 'This run', ...COLUMNS.map(([, name]) => name)].map((name) => (
                <Table.Th key={name} scope="col" ta={name === 'Figure' ? undefined : 'right'}>
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(([key, name]) => (
              <Table.Tr key={key}>
                <Table.Th scope="row" fw={400}>
                  {name}
                </Table.Th>
                <Table.Td ta="right" fw={600}>
                  {figureText(result, key, formats)}
                </Table.Td>
                {COLUMNS.map(([baseline]) => (
                  <Table.Td key={baseline} ta="right">
                    {figureText(result.baselines?.[baseline], key, formats)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
    </section>
  );
}
