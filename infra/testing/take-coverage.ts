import { takeCoverage } from 'node:v8';
import { afterAll } from 'vitest';

// vitest ends its workers without letting them write what they covered (NODE_V8_COVERAGE): it is written after each suite instead.
afterAll(() => takeCoverage());
