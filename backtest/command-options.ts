import type { Command } from 'commander';

/** Options of the commands that take an experiment. */
export interface ExperimentOptions {
  readonly bars?: string[];
  readonly calendar?: string;
  readonly fresh?: boolean;
  readonly serve?: boolean;
  readonly once?: boolean;
  readonly port?: string;
}

/** Options of a rule strategy over a bars file. */
export interface RuleOptions extends ExperimentOptions {
  readonly strategy?: string;
  readonly set: string[];
  readonly size: string;
  readonly longShort?: boolean;
  readonly limits?: string;
  readonly limit: string[];
  readonly fill: string;
  readonly capital: string;
  readonly feeBps: string;
  readonly slippageBps: string;
  readonly lot: string;
  readonly actions?: string;
  readonly trustActions?: boolean;
  readonly seed: string;
}

/** Options of `lookahead` and `warmup`. */
export interface ResearchOptions extends ExperimentOptions {
  readonly cuts: string;
  readonly seed: string;
}

/** Reads a repeatable option into a list. */
export const collect = (value: string, before: string[]): string[] => [...before, value];

/** Adds the options of the commands that take an experiment. */
export function addExperimentOptions(command: Command): void {
  command.option('--bars <FILE>', 'bars that replace the data of the experiment (repeatable)', collect, []);
  command.option('--calendar <NAME>', 'calendar of those bars: none, us-equities, crypto', 'none');
  command.option('--fresh', 'compute everything again from bars');
}
