import type { BarColumns } from '../../features/bar.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { forwardReturnLabels } from './forward-return.ts';
import type { LabelColumns } from './label-columns.ts';
import { trendScanLabels } from './trend-scan.ts';
import { tripleBarrierLabels } from './triple-barrier.ts';

/** Labels of one symbol's bars by the experiment's rule. Bars whose label is not known by the last bar get none. */
export function labelBars(bars: BarColumns, options: Experiment['labels']): LabelColumns {
  switch (options.kind) {
    case 'forward-return':
      return forwardReturnLabels(bars.close, options.horizonBars);
    case 'triple-barrier':
      return tripleBarrierLabels(bars, options);
    case 'trend-scan':
      return trendScanLabels(bars.close, options.horizonBars);
  }
}
