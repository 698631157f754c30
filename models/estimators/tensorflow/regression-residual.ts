import type { Dataset } from '../../dataset.ts';
import { expectedReturnOf } from '../network-output.ts';
import type { NetworkOutput } from '../network-output.ts';
import type { NetworkRows } from './training-loop.ts';

/** Root of the weighted mean square by which expected and realised returns differ on `index`. */
export function residualOf(
  dataset: Dataset,
  output: NetworkOutput,
  judged: { index: Int32Array; rows: NetworkRows; network: { readonly input: Float32Array; run(): number } },
): number {
  let total = 0;
  let squares = 0;
  judged.index.forEach((row, i) => {
    judged.rows.copyInputs(i, judged.network.input, 0);
    const missed = dataset.realisedReturn[row]! - expectedReturnOf(output, judged.network.run())!;
    total += dataset.weight[row]!;
    squares += dataset.weight[row]! * missed * missed;
  });
  return Math.sqrt(squares / total);
}
