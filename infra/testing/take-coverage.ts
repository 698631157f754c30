import { takeCoverage } from 'node:v8';
import { afterAll } from 'vitest';

// What a process covered (NODE_V8_COVERAGE) is written when it exits. vitest ends its workers by a signal, which
// leaves nothing: so it is written after each suite, and the signal becomes an exit, at which worker threads write
// theirs.
afterAll(() => takeCoverage());
process.once('SIGTERM', () => process.exit(0));
