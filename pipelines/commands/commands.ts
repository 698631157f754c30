import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import type { BookCommandOptions } from './book-command.ts';
import type { QuoteCommandOptions } from './quote-command.ts';
import type { FeedCommandOptions } from './feed-command.ts';

/** Registers `feed`, `quote` and `book`, which know no experiment. */
export function registerPipelineCommands(program: Command): void {
  const feeding = addCommand(
    program,
    'feed',
    'closed bars as they come, as CSV lines; what the feed does on standard error',
  )
    .requiredOption('--vendor <NAME>', 'alpaca, polygon or binance')
    .option('--symbol <LIST>', 'symbols, comma-separated: AAPL, BTC/USD, BTC/USDT')
    .option('--symbols <LIST>', 'the same as --symbol')
    .option('--timeframe <SIZE>', 'bar size; longer bars are made of minutes', '1m')
    .option('--calendar <NAME>', 'trading hours (default: crypto for crypto, else us-equities)')
    .option('--from <TIME>', 'begin with the bar open at this time, from history (default: the bar under way)')
    .option('--for <SECONDS>', 'stop after so long (default: until Ctrl-C); --json prints its document then')
    .option('--quotes', 'quotes too, on standard error');
  bindAction<FeedCommandOptions>(feeding, async (context, options) =>
    (await import('./feed-command.ts')).runFeed(context, options),
  );

  const quoting = addCommand(program, 'quote <symbol>', 'latest best bid and offer of a symbol, from a vendor').option(
    '--vendor <NAME>',
    'alpaca, polygon or binance (default: the first one configured that trades it)',
  );
  bindAction<QuoteCommandOptions>(quoting, async (context, options, symbol = '') =>
    (await import('./quote-command.ts')).runQuote(context, options, symbol),
  );

  const booking = addCommand(program, 'book <symbol>', 'order book of a pair, from Binance')
    .option('--levels <N>', 'levels of each side', '10')
    .option('--units <N>', 'say what buying and selling so many would cost on average');
  bindAction<BookCommandOptions>(booking, async (context, options, symbol = '') =>
    (await import('./book-command.ts')).runBook(context, options, symbol),
  );
}
