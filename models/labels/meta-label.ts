import { emptyLabels, type LabelColumns } from './label-columns.ts';

/** 1 when an outcome (1 up, 0 not up) agrees with a side (above 0 long, below short), else 0. */
export function metaLabel(y: number, side: number): number {
  return (y === 1) === side > 0 ? 1 : 0;
}

/**
 * Meta-labels (Lopez de Prado 2018, section 3.6): did a primary model's side turn out right? `side` holds 1 long, -1
 * short and 0 no position for each bar; 1 when the label agrees with the side, 0 when it does not, none where the side
 * is 0.
 */
export function metaLabels(primary: LabelColumns, side: Int8Array): LabelColumns {
  const labels = emptyLabels(side.length);
  for (let i = 0; i < side.length; i++) {
    if (side[i] === 0) labels.impossible[i] = 1;
    else if (primary.endBar[i]! >= 0) {
      labels.y[i] = metaLabel(primary.y[i]!, side[i]!);
      labels.endBar[i] = primary.endBar[i]!;
    } else labels.impossible[i] = primary.impossible[i]!;
  }
  return labels;
}
