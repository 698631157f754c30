/** In the place of a file of splits and dividends: use none, and ask no vendor for them. */
const NO_ACTIONS = 'none';

export interface WantedActions {
  /** The file to read; undefined for none. */
  readonly path: string | undefined;
  /** Whether vendors are asked: where no file says what there is, and anything is to be taken out of the bars. */
  readonly fetched: boolean;
}

/** What `data.actions` and `data.adjust` ask for. */
export function wantedActions({
  actions,
  adjust,
}: {
  readonly actions?: string | undefined;
  readonly adjust: string;
}): WantedActions {
  return { path: actions === NO_ACTIONS ? undefined : actions, fetched: actions === undefined && adjust !== 'raw' };
}
