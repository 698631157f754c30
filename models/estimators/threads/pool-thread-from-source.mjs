// Entry of a pool thread that runs from source: a thread registers the loader of TypeScript itself.
import '../../../infra/typescript/typescript-loader.mjs';

await import('./pool-thread.ts');
