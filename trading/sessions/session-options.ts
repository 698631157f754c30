import type { Command } from 'commander';

/** Adds what a session is told, however it is started. */
export function addSessionOptions(command: Command): Command {
  return command
    .option('--speed <X>', 'event time over wall time; max replays as fast as it can', 'max')
    .option('--session <ID>', 'a session of its own under this id')
    .option(
      '--feed <KIND>',
      'replay: the predictions that a training stored, or strategies, over their bars again; live: history warms up, then the champion of the registry trades, looked up at every bar; of strategies: their backtest goes on with the feed (default: replay; live at a venue)',
    )
    .option(
      '--broker <NAME>',
      'simulated, alpaca or binance: orders go to the account whose keys the environment holds, and history is not traded',
      'simulated',
    )
    .option('--vendor <NAME>', 'alpaca, polygon or binance (live; default: the vendor of the experiment)')
    .option('--deadline <SECONDS>', 'longest that one decision of a strategy file may take (default: 10)')
    .option('--real-jumps', 'a jump of the size of a split, with none on record, is a move of the price (live)')
    .option(
      '--foreign <HOW>',
      'positions and orders at the venue that are not of this session: refuse them, and open nothing once they appear; or adopt: book them as external (default: refuse)',
    );
}
