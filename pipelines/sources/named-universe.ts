import { InputError } from '../../infra/errors.ts';

/** The sample's only symbol: the S&P 500 index. */
export const SAMPLE_SYMBOL = 'SPX';

/** Name of a simulated symbol, from 1: SIM001, SIM002, ... SIM1000. */
export function simulatedSymbol(number: number): string {
  return `SIM${String(number).padStart(3, '0')}`;
}

const SIMULATED = /^simulated(?:-(\d{1,5}))?$/;

/**
 * The symbols that an experiment's `universe` stands for. Names: `sample`, `simulated` (as many symbols as
 * `simulatedSymbols` says), `simulated-N`, and `all` (whatever the source has: undefined). Any other single word is a
 * symbol itself. Throws InputError for a list that names a symbol twice.
 */
export function resolveUniverse(
  universe: readonly string[] | string,
  simulatedSymbols: number,
): readonly string[] | undefined {
  if (typeof universe !== 'string') {
    const seen = new Set<string>();
    const twice = universe.find((symbol) => seen.size === seen.add(symbol).size);
    if (twice !== undefined) throw new InputError(`universe names ${twice} twice.`, 'Keep one of them.');
    return universe;
  }
  if (universe === 'all') return undefined;
  if (universe === 'sample') return [SAMPLE_SYMBOL];
  const simulated = SIMULATED.exec(universe);
  if (simulated === null) return [universe];
  const count = simulated[1] === undefined ? simulatedSymbols : Number(simulated[1]);
  return Array.from({ length: count }, (_, i) => simulatedSymbol(i + 1));
}
