import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { PATIENCE_MS } from './infra/testing/patience.ts';

// A test has no limit but the one at which it must have hung: a busy machine must not fail it.
const limits = {
  testTimeout: 1.5 * PATIENCE_MS,
  hookTimeout: 1.5 * PATIENCE_MS,
  expect: { poll: { timeout: PATIENCE_MS } },
};

// Two projects: `unit` needs no I/O, `integration` talks to real servers that `integration-setup.ts` starts once.
export default defineConfig({
  test: {
    // Suites wait for servers and processes as much as they compute: half as many again as there are cores.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    // Suites share what they import, and keep nothing in it: read once a worker, a fifth less of processor time.
    isolate: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['**/*.integration.test.ts', '**/node_modules/**', 'dist/**', '.signalbox/**'],
          ...limits,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          exclude: ['**/node_modules/**', 'dist/**', '.signalbox/**'],
          ...limits,
          globalSetup: ['infra/testing/integration-setup.ts'],
        },
      },
    ],
  },
});
