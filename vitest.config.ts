import { defineConfig } from 'vitest/config';

// Two projects: `unit` needs no I/O, `integration` talks to real servers that `integration-setup.ts` starts once.
export default defineConfig({
  test: {
    // Suites wait for servers and processes as much as they compute: one more at a time than vitest's default of cores - 1.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['**/*.integration.test.ts', '**/node_modules/**', 'dist/**', '.signalbox/**'],
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          exclude: ['**/node_modules/**', 'dist/**', '.signalbox/**'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          globalSetup: ['infra/testing/integration-setup.ts'],
        },
      },
    ],
  },
});
