/** Features that are prices, by name and output: they are drawn over the candles. */
const PRICES =
  /^(?:sma|ema|wma|dema|tema|hma|kama|vwap|psar|chandelier\([^)]*\)\.(?:long|short)|(?:bollinger|keltner|donchian)\([^)]*\)\.(?:lower|middle|upper)|supertrend\([^)]*\)\.line|ichimoku\([^)]*\)\.\w+)(?:\([^)]*\))?(?:@\w+)?$/;

export interface Pane {
  /** Of the feature; empty for what lies over the candles. */
  readonly title: string;
  readonly names: readonly string[];
}

/** In which pane each column of features is drawn: first those over the candles, then a pane a feature. */
export function panesOf(names: readonly string[]): Pane[] {
  const over = names.filter((name) => PRICES.test(name));
  const panes = new Map<string, string[]>(over.length === 0 ? [] : [['', over]]);
  for (const name of names) {
    if (over.includes(name)) continue;
    const title = name.replace(/\)\.\w+$/, ')');
    panes.set(title, [...(panes.get(title) ?? []), name]);
  }
  return [...panes].map(([title, held]) => ({ title, names: held }));
}
