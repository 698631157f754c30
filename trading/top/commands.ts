import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import type { TopOptions } from './top-command.ts';

/** Registers `top`. */
export function registerTopCommand(program: Command): void {
  const top = addCommand(program, 'top', 'sessions, positions, orders, signals, alerts and risk in the terminal, live');
  top.option('--session <ID>', 'look at this session first (default: the newest that runs)');
  top.option('--url <URL>', 'over this service instead of the database, such as https://box.example');
  top.option('--token-env <NAME>', 'variable of the environment that holds the token for it', 'SIGNALBOX_TOKEN');
  bindAction<TopOptions>(top, async (context, options) =>
    (await import('./top-command.ts')).topCommand(context, options),
  );
}
