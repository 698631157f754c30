#!/usr/bin/env node
// Runs the compiled command line where there is one (the container image), the TypeScript source otherwise (a checkout).
import { existsSync } from 'node:fs';

const compiled = new URL('./dist/signalbox.js', import.meta.url);
const source = new URL('./signalbox.ts', import.meta.url);
if (existsSync(source)) {
  const { register } = await import('tsx/esm/api');
  register();
  await import(source.href);
} else {
  await import(compiled.href);
}
