import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import type { EventsIngestOptions, EventsReadOptions } from './command-actions.ts';

const actions = () => import('./command-actions.ts');

/** Adds `events`: news, sentiment, fundamentals and calendars, each with the time at which it became known. */
export function registerEventCommands(program: Command): void {
  const events = program.command('events').description('news, sentiment, fundamentals, calendars: what was known when');

  const ingesting = addCommand(events, 'ingest [file]', 'put the events of a CSV file or of a vendor on record')
    .option('--columns <LIST>', 'columns by name or position from 0: known=published_at,text=headline')
    .option('--kind <KIND>', 'kind of all rows: news, sentiment, fundamental, calendar')
    .option('--source <NAME>', "whose they are (default: the file's name)")
    .option('--delay <SPAN>', 'rows without a known time became known so long after their own: 15m, 24h')
    .option('--known-at-ingestion', 'rows without a known time become known now, at their ingestion')
    .option('--timezone <ZONE>', 'of times that carry no zone: America/New_York')
    .option('--no-sentiment', 'leave the sentiment of headlines out')
    .option('--vendor <NAME>', 'alpaca: its news, in place of a file')
    .option('--symbols <LIST>', 'symbols to ask the vendor about, comma-separated')
    .option('--from <DATE>', 'first day to ask the vendor about, YYYY-MM-DD');
  bindAction<EventsIngestOptions>(ingesting, async (context, options, file = '') =>
    (await actions()).ingestEventsCommand(context, options, file),
  );

  const listing = addCommand(events, 'list', 'what is on record by source and kind, with gaps and corrections');
  bindAction(listing, async (context) => (await actions()).listEventsCommand(context));

  const querying = wantedOptions(addCommand(events, 'query', 'events as they were known at a moment, the newest first'))
    .option('--as-of <TIME>', 'what was known by then (default: now)')
    .option('--limit <N>', 'at most so many', '50');
  bindAction<EventsReadOptions>(querying, async (context, options) =>
    (await actions()).queryEventsCommand(context, options),
  );

  const exporting = wantedOptions(addCommand(events, 'export', 'every row with its corrections, to a file'))
    .requiredOption('--out <FILE>', '.csv, .parquet or .arrow')
    .option('--as-of <TIME>', 'what was known by then (default: all)');
  bindAction<EventsReadOptions>(exporting, async (context, options) =>
    (await actions()).exportEventsCommand(context, options),
  );
}

function wantedOptions(command: Command): Command {
  return command
    .option('--symbols <LIST>', 'of these symbols, comma-separated; * is the whole market')
    .option('--kind <KIND>', 'news, sentiment, fundamental or calendar')
    .option('--source <NAME>', 'of this source')
    .option('--from <TIME>', 'known from then on, ISO 8601 in UTC');
}
