/** Whether a name given for a strategy is a file. */
export function isStrategyFile(name: string): boolean {
  return name.endsWith('.ts') || name.includes('/') || name.includes('\\');
}
