/** A strategy file with one mistake, and its twin without it. */
export interface PlantedFile {
  readonly mistake: string;
  /** Body of `decide(view)`, or of `orders(view, { position, working })` where `places`. */
  readonly body: string;
  readonly clean: string;
  /** What stands before the strategy in the file, and in its `create`. */
  readonly module?: string;
  readonly state?: string;
  readonly places?: boolean;
  readonly warmUpBars?: number;
}

/** The text of a strategy file. */
export function fileText({ body, module = '', state = '', places = false, warmUpBars }: Omit<PlantedFile, 'clean'>) {
  const asked = places ? 'orders(view, { position, working })' : 'decide(view)';
  return [
    "import type { OwnStrategy } from 'signalbox';",
    module,
    'const strategy: OwnStrategy<{ n: number }> = {',
    '  parameters: { n: 5 },',
    warmUpBars === undefined ? '' : `  warmUpBars: () => ${warmUpBars},`,
    `  create({ n }) { void n; ${state}`,
    `    return { ${asked} {`,
    places ? 'void working;' : '',
    body,
    '    } };',
    '  },',
    '};',
    'export default strategy;',
  ].join('\n');
}

const whole = 'if (view.length <= 2 * n) return "HOLD";';
const wholeOrders = 'if (view.length <= 2 * n) return [];';
/** A bracket around `entry`: what differs are its levels. */
const bracket = (levels: string): string => `
  ${wholeOrders}
  if (position !== 0 || working.length > 0) return [];
  ${levels}
  const exit = { do: 'place', side: 'sell', size: 'position', reduceOnly: true, group: 'exits', after: 'in' } as const;
  return [
    { do: 'place', label: 'in', side: 'buy', size: { units: 10 }, ...entry },
    { ...exit, label: 'stop', type: 'stop', stop },
    { ...exit, label: 'target', type: 'limit', limit: target },
  ];`;
const market = "const entry = { type: 'market' } as const;";

/** Mistakes of look-ahead: each reads what is not known at the bar's close. */
export const LOOK_AHEAD_FILES: readonly PlantedFile[] = [
  {
    mistake: 'a negative shift: the next close instead of the last',
    body: `${whole} return view.close(-1) > view.close() ? 'BUY' : 'SELL';`,
    clean: `${whole} return view.close() > view.close(1) ? 'BUY' : 'SELL';`,
  },
  {
    mistake: 'module state shared between symbols: what one has read ahead the other trades',
    module: 'let ahead = 0;',
    body: `${whole} const before = ahead; try { ahead = view.close(-1) - view.close(); } catch { ahead = 0; }
      return before > 0 ? 'BUY' : 'SELL';`,
    clean: `${whole} const before = ahead; ahead = view.close() - view.close(1); return before > 0 ? 'BUY' : 'SELL';`,
  },
  {
    mistake: 'normalised over all bars that can be had',
    body: `${whole} let sum = 0; let count = 0;
      try { for (let ago = n; ; ago--) { sum += view.close(ago); count++; } } catch { void 0; }
      return view.close() < sum / count ? 'BUY' : 'SELL';`,
    clean: `${whole} let sum = 0; for (let ago = n; ago >= 0; ago--) sum += view.close(ago);
      return view.close() < sum / (n + 1) ? 'BUY' : 'SELL';`,
  },
  {
    mistake: 'index arithmetic that is off by one',
    body: `${whole} let sum = 0; for (let i = view.length - n; i <= view.length; i++) sum += view.close(view.length - 1 - i);
      return view.close() < sum / (n + 1) ? 'BUY' : 'SELL';`,
    clean: `${whole} let sum = 0; for (let i = view.length - n; i < view.length; i++) sum += view.close(view.length - 1 - i);
      return view.close() < sum / n ? 'BUY' : 'SELL';`,
  },
  {
    mistake: 'counting calls as bars: the count has run ahead of the symbol',
    module: 'let calls = 0;',
    body: `calls++; ${whole} return view.close(view.length - calls) > view.close(1) ? 'BUY' : 'SELL';`,
    clean: `${whole} return view.close() > view.close(1) ? 'BUY' : 'SELL';`,
  },
  {
    mistake: 'bars sorted by what came after them',
    body: `${whole} const days = [0, 1, 2, 3, 4].sort((a, b) => view.close(a - 1) - view.close(b - 1));
      return days[4] === 0 ? 'BUY' : 'SELL';`,
    clean: `${whole} const days = [0, 1, 2, 3, 4].sort((a, b) => view.close(a) - view.close(b));
      return days[4] === 0 ? 'BUY' : 'SELL';`,
  },
  {
    mistake: 'the close of the bar whose open fills',
    body: `${whole} return view.close(-1) > view.open(-1) ? { target: 1 } : { target: 0 };`,
    clean: `${whole} return view.close() > view.open() ? { target: 1 } : { target: 0 };`,
  },
  {
    mistake: 'a window centred on its bar',
    body: `${whole} let sum = 0; for (let ago = -2; ago <= 2; ago++) sum += view.close(ago);
      return view.close() < sum / 5 ? 'BUY' : 'SELL';`,
    clean: `${whole} let sum = 0; for (let ago = 0; ago <= 4; ago++) sum += view.close(ago);
      return view.close() < sum / 5 ? 'BUY' : 'SELL';`,
  },
  {
    mistake: 'bars resampled to five and read before the five have closed',
    body: `${whole} const left = 4 - ((view.length - 1) % 5); return view.close(-left) > view.open(4 - left) ? 'BUY' : 'SELL';`,
    clean: `${whole} const past = view.length % 5; return view.close(past) > view.open(past + 4) ? 'BUY' : 'SELL';`,
  },
  {
    mistake: 'a stop under the low of the bar that fills the entry',
    places: true,
    body: bracket(`${market} const stop = view.low(-1) * 0.999; const target = view.close() * 1.02;`),
    clean: bracket(`${market} const stop = view.low() * 0.99; const target = view.close() * 1.02;`),
  },
  {
    mistake: 'a target from the range that follows',
    places: true,
    body: bracket(`${market} let target = 0; for (let ago = -1; ago >= -n; ago--) target = Math.max(target, view.high(ago));
      const stop = view.close() * 0.97;`),
    clean:
      bracket(`${market} let target = 0; for (let ago = 0; ago < n; ago++) target = Math.max(target, view.high(ago));
      target *= 1.01; const stop = view.close() * 0.97;`),
  },
  {
    mistake: 'an entry at a price that is not yet known: the next low',
    places: true,
    body: bracket(`const entry = { type: 'limit', limit: view.low(-1), tif: 'day' } as const;
      const stop = view.close() * 0.97; const target = view.close() * 1.02;`),
    clean: bracket(`const entry = { type: 'limit', limit: view.low(), tif: 'day' } as const;
      const stop = view.close() * 0.97; const target = view.close() * 1.02;`),
  },
];

/** Mistakes of warm-up: answers depend on where history begins. */
export const WARM_UP_FILES: readonly PlantedFile[] = [
  {
    mistake: 'an average since the first bar',
    state: 'let sum = 0; let bars = 0;',
    body: `sum += view.close(); bars++; return view.close() < sum / bars ? 'BUY' : 'SELL';`,
    clean: `sum = 0; void bars; if (view.length < n) return 'HOLD';
      for (let ago = 0; ago < n; ago++) sum += view.close(ago);
      return view.close() < sum / n ? 'BUY' : 'SELL';`,
  },
  {
    mistake: 'every tenth bar, counted from the first',
    body: `return view.length % 10 === 0 ? 'BUY' : view.length % 10 === 5 ? 'SELL' : 'HOLD';`,
    clean: `const day = view.closeTimeMs() / 60_000 % 10; return day === 0 ? 'BUY' : day === 5 ? 'SELL' : 'HOLD';`,
  },
  {
    mistake: 'a price beside the first of all',
    body: `return view.close() > view.close(view.length - 1) ? 'BUY' : 'SELL';`,
    clean: `if (view.length <= n) return 'HOLD'; return view.close() > view.close(n) ? 'BUY' : 'SELL';`,
  },
  {
    mistake: 'a declared warm-up of 5 bars where the average takes 30',
    warmUpBars: 5,
    body: `const bars = Math.min(view.length, 30); let sum = 0; for (let ago = 0; ago < bars; ago++) sum += view.close(ago);
      return view.close() < sum / bars ? 'BUY' : 'SELL';`,
    clean: `if (view.length < 5) return 'HOLD'; let sum = 0; for (let ago = 0; ago < 5; ago++) sum += view.close(ago);
      return view.close() < sum / 5 ? 'BUY' : 'SELL';`,
  },
];
