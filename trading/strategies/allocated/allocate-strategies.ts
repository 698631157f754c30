import type { Strategy } from '../strategy.ts';
import { AllocatedSession, type AllocatedOptions } from './allocated-session.ts';

/** Several strategies as one: what a session is given where they share its account. */
export function allocateStrategies(options: AllocatedOptions): Strategy {
  const { strategies } = options;
  return {
    name: strategies.map(({ name }) => name).join(' + '),
    parameters: Object.fromEntries(strategies.map(({ name, strategy }) => [name, strategy.parameters])),
    forSession: (views) => new AllocatedSession(options, views),
    forSymbol: () => {
      throw new Error('Strategies that share an account are made for a session.');
    },
  };
}
