import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import { PORTFOLIO_METHODS } from '../../models/experiment/rule-parameters.ts';
import { addDialectOptions } from '../../pipelines/dialects/file-dialect.ts';
import { collect } from '../command-options.ts';
import type { PortfolioOptions } from './portfolio-command.ts';

/** Registers `portfolio`. */
export function registerPortfolioCommand(program: Command): void {
  const portfolio = addCommand(
    program,
    'portfolio <files...>',
    'weights of the symbols of bars files by their risk, what carries that, and each method walked forward with costs',
  );
  portfolio
    .option('--method <NAME>', `how weights are found: ${PORTFOLIO_METHODS.join(', ')}`)
    .option('--set <key=value>', 'a parameter of the strategy portfolio: lookback=250 (repeatable)', collect, [])
    .option('--factors <FILE>', 'bars of factors by which risk is explained (repeatable)', collect, [])
    .option(
      '--calendar <NAME>',
      'calendar of the bars: none, us-equities, us-equities-extended, us-equities-overnight, crypto',
      'none',
    )
    .option('--symbol <LIST>', 'symbols of the files, comma-separated (default: all that they hold)')
    .option('--timeframe <SIZE>', 'their bar size (default: what their times imply)')
    .option('--fill <WHEN>', 'next-open, next-close or (as no real order is) same-close', 'next-open')
    .option('--capital <X>', 'initial capital', '100000')
    .option('--fee-bps <X>', 'fee in basis points of the notional', '0')
    .option('--slippage-bps <X>', 'slippage in basis points of the price', '0')
    .option('--cost <key=value>', 'one of the costs of an experiment: halfSpreadBps (repeatable)', collect, [])
    .option('--lot <X>', 'smallest quantity step (default: 1, for coins 1e-8)')
    .option('--out <FILE>', 'write all of it as one JSON document');
  addDialectOptions(portfolio);
  bindAction<PortfolioOptions>(portfolio, async (context, options, ...files) =>
    (await import('./portfolio-command.ts')).portfolioCommand(context, options, files),
  );
}
