import { emptyLabels, type LabelColumns } from './label-columns.ts';

/**
 * Meta-labels (Lopez de Prado 2018, section 3.6): did a primary model's side turn out right? `side` holds 1 long, -1 short and
 * 0 no position for each bar; 1 when the label agrees with the side, 0 when it does not, none where the side is 0.
 */
export function metaLabels(primary: LabelColumns, side: Int8Array): LabelColumns {
  const labels = emptyLabels(side.length);
  for (let i = 0; i < side.length; i++) {
    if (side[i] === 0) labels.impossible[i] = 1;
    else if (primary.endBar[i]! >= 0) {
      labels.y[i] = (primary.y[i] === 1) === side[i]! > 0 ? 1 : 0;
      labels.endBar[i] = primary.endBar[i]!;
    } else labels.impossible[i] = primary.impossible[i]!;
  }
  return labels;
}
