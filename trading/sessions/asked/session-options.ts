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
      'simulated, alpaca, binance (spot) or binance-futures: orders go to the account whose keys the environment holds, and history is not traded',
      'simulated',
    )
    .option(
      '--mode <NAME>',
      'on live data: live, orders go to the broker (default); simulation, they are filled by us; observation, signals and risk, and no order leaves',
    )
    .option(
      '--shadow <WHAT>',
      'a model (challenger, NAME@3) or a rule (ema-cross:fast=5,slow=20) that runs beside it on live data: recorded, never traded (repeatable)',
      (word: string, before: readonly string[]) => [...before, word],
      [] as readonly string[],
    )
    .option('--leverage <N>', 'of positions in futures, a whole number (default: 1)')
    .option(
      '--margin-mode <NAME>',
      'of positions in futures: cross, the account backs all of them; isolated, each has a margin of its own (default: cross)',
    )
    .option('--vendor <NAME>', 'alpaca, polygon or binance (live; default: the vendor of the experiment)')
    .option('--strategy <NAME>', 'a rule, or a file of your own (./mine.ts), in place of what the experiment trades')
    .option(
      '--set <key=value>',
      'a parameter of --strategy (repeatable)',
      (word: string, before: readonly string[]) => [...before, word],
      [] as readonly string[],
    )
    .option('--deadline <SECONDS>', 'longest that one decision of a strategy file may take (default: 10)')
    .option(
      '--metrics-port <N>',
      'serve /metrics and /health here, at 127.0.0.1 (default: SIGNALBOX_METRICS_PORT; 0: any that is free)',
    )
    .option('--real-jumps', 'a jump of the size of a split, with none on record, is a move of the price (live)')
    .option(
      '--foreign <HOW>',
      'positions and orders at the venue that are not of this session: refuse them, and open nothing once they appear; or adopt: book them as external (default: refuse)',
    );
}
