/** Arguments with which `node` runs our TypeScript in a process of its own. */
export const SOURCE_ARGUMENTS = [
  '--import',
  new URL('../typescript/typescript-loader.mjs', import.meta.url).href,
] as const;
