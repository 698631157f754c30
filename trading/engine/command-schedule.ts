import { InputError } from '../../infra/errors.ts';
import type { Command } from '../effect.ts';

/** Operators' words at times that are known before a session begins. */
export class CommandSchedule {
  readonly #commands: readonly Command[];
  #next = 0;

  /** @throws InputError for a time that is none, or commands that are not in the order of their times. */
  constructor(commands: readonly Command[]) {
    commands.forEach(({ timeMs, command }, at) => {
      if (Number.isFinite(timeMs) && timeMs >= (commands[at - 1]?.timeMs ?? -Infinity)) return;
      throw new InputError(
        `command ${at + 1} of ${commands.length} (${command}) is at ${timeMs}`,
        'give commands in the order of their times, in ms since 1970',
      );
    });
    this.#commands = commands;
  }

  /** Time of the next one, Infinity after the last. */
  get nextMs(): number {
    return this.#commands[this.#next]?.timeMs ?? Infinity;
  }

  /** The next one before `timeMs`, null without one. What happens at its own moment comes before it. */
  due(timeMs: number): Command | null {
    if (this.nextMs >= timeMs) return null;
    this.#next += 1;
    return this.#commands[this.#next - 1]!;
  }
}
