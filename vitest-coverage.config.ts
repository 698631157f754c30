import { defineConfig } from 'vitest/config';
import { SOURCE_ARGUMENTS } from './infra/testing/source-arguments.ts';
import base from './vitest.config.ts';

// The same suites, loaded by Node and tsx as the command line loads them instead of by vite: every process and thread
// then has the same code with the same source maps, and what each covered can be added up.
const projects = base.test!.projects!.map((project) => {
  const { test } = project as { test: object };
  return {
    test: {
      ...test,
      execArgv: [...SOURCE_ARGUMENTS],
      experimental: { viteModuleRunner: false, nodeLoader: false },
      setupFiles: ['infra/testing/take-coverage.ts'],
      testTimeout: 600_000,
      hookTimeout: 600_000,
    },
  };
});
export default defineConfig({ test: { ...base.test, projects } });
