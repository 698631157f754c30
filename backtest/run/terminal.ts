import Table from 'cli-table3';
import { decimal, percent, plural, probability } from '../number-format.ts';
import { costWords, FIGURE_ROWS, figureText } from '../report/figures-section.ts';
import { VERDICT_WORDS } from '../report/summary-section.ts';
import { fanWords } from '../report/fan-section.ts';
import { PATH_HEAD, pathLines } from '../report/path-section.ts';
import { SCORE_COLUMNS } from '../report/walk-forward-section.ts';
import type { ReportInput } from '../report/report-input.ts';
import { shortRecordText } from '../judgement/short-record.ts';
import type { BacktestResult } from '../judgement/result.ts';
import { paints } from '../../infra/terminal/terminal-safe.ts';
import { refusedCount } from '../../trading/refusal-groups.ts';

export interface TerminalOptions {
  /** Whether to write ANSI colours. */
  readonly color: boolean;
  /** Where the report was written; null where there is none. */
  readonly reportPath: string | null;
  /** What there is to say of the model, one paragraph each; null where there is none. */
  readonly model: readonly string[] | null;
}

const WIDTH = 100;
const SIGNALS_SHOWN = 8;
/** Features with the largest profits, and with the smallest. */
const FEATURES_SHOWN = 4;
const FIGURES_SHOWN = new Set([
  ...['totalReturn', 'cagr', 'volatility', 'sharpe', 'sortino', 'maxDrawdown', 'exposure', 'turnover'],
  ...['trades', 'winRate', 'profitFactor', 'fees', 'slippage'],
]);

type Colors = ReturnType<typeof paints>;

/** The text a trader reads after a run, at most 100 columns wide. Pure: writing it is the caller's. */
export function terminalText(input: ReportInput, options: TerminalOptions): string {
  const colors = paints(options.color);
  const blocks: (string | null)[] = [
    headlineBlock(input.result, colors),
    heading(input, colors),
    foldBlock(input.result, colors),
    pathBlock(input.result, colors),
    figureBlock(input, colors),
    strategyBlock(input, colors),
    robustnessBlock(input.result, colors),
    featureBlock(input.result, colors),
    signalBlock(input, colors),
    refusalBlock(input, colors),
    verdictBlock(input.result, colors),
    placeBlock(options, colors),
  ];
  return `${blocks.filter((block) => block !== null).join('\n\n')}\n`;
}

function heading({ title, result, data }: ReportInput, colors: Colors): string {
  const span = `${result.from.slice(0, 10)} to ${result.to.slice(0, 10)}, ${decimal(result.bars, 0)} bars of ${data.timeframe}`;
  const source = `${colors.dim(plain(data.title))}${data.simulated ? colors.yellow(' [simulated]') : ''}`;
  return [colors.bold(plain(title)), ...wrapped(`${plain(result.strategy)}, ${span}`), source].join('\n');
}

/** That a model learnt nothing, or no more than a constant knows, comes before everything else. */
function headlineBlock({ outOfSample }: BacktestResult, colors: Colors): string | null {
  const headline = outOfSample?.headline;
  return headline === undefined
    ? null
    : wrapped(plain(headline))
        .map((line) => colors.yellow(line))
        .join('\n');
}

function foldBlock({ folds, outOfSample }: BacktestResult, colors: Colors): string | null {
  if (folds === undefined || outOfSample === undefined) return null;
  const rows = folds.map((fold) => [
    String(fold.fold),
    `${fold.test.from.slice(0, 10)} to ${fold.test.to.slice(0, 10)}`,
    decimal(fold.testRows, 0),
    ...SCORE_COLUMNS.map(({ name, format }) => format(fold[name])),
  ]);
  const pooled = [
    'all',
    'pooled',
    decimal(outOfSample.rows, 0),
    ...SCORE_COLUMNS.map(({ name, format }) => format(outOfSample[name])),
  ];
  const constant = outOfSample.constant;
  const beside =
    constant === null
      ? []
      : [['', 'constant, training rate', '', ...SCORE_COLUMNS.map(({ name, format }) => format(constant[name]))]];
  const bounds = [0, 1].map((end) => [
    '',
    end === 0 ? '95 % interval, from' : 'to',
    '',
    ...SCORE_COLUMNS.map(({ name, format }) => format(outOfSample.intervals[name]?.[end] ?? null)),
  ]);
  return titled(
    'Out-of-sample scores',
    table(
      ['fold', 'tested on', 'rows', ...SCORE_COLUMNS.map(({ title }) => title)],
      [
        ...rows,
        pooled.map((cell) => colors.bold(cell)),
        ...beside,
        ...bounds.map((row) => row.map((cell) => colors.dim(cell))),
      ],
      2,
    ),
    colors,
  );
}

function pathBlock({ paths }: BacktestResult, colors: Colors): string | null {
  if (paths === undefined) return null;
  const told = paths.fan === undefined ? [] : wrapped(fanWords(paths.fan), '  ');
  const lines = [table(PATH_HEAD, pathLines(paths), 1), ...told].join('\n');
  return titled('Reconstructed paths; everything else is of path 1', lines, colors);
}

function figureBlock({ result, currency, costs }: ReportInput, colors: Colors): string {
  const { buyAndHold, buyAndHoldSameExposure, randomSameTurnover } = result.baselines;
  const short = shortRecordText(result);
  const rows = FIGURE_ROWS.filter(({ key }) => FIGURES_SHOWN.has(key)).map((row) => [
    row.key === 'cagr' && short !== null ? `Return a year, from ${short}` : row.name,
    colors.bold(figureText(row, result)),
    ...[buyAndHold, buyAndHoldSameExposure, randomSameTurnover].map((column) => figureText(row, column)),
  ]);
  const title = `The strategy beside its baselines, ${costWords(costs)}, in ${plain(currency)}`;
  return titled(title, table(['', 'strategy', 'buy and hold', 'same exposure', 'random, median'], rows, 1), colors);
}

/** What came of each strategy where several share the account, and below them the account that they add up to. */
function strategyBlock({ result, currency }: ReportInput, colors: Colors): string | null {
  const { attribution, trades } = result;
  if (attribution?.strategy === undefined) return null;
  const { net, fees, slippage, borrow, funding, interest } = attribution.cost;
  const head = ['', 'trades', 'won', 'profit', 'share', 'fees', 'spread, slippage', 'holding', 'interest'];
  const rows = attribution.strategy.map((row) => [
    clipped(plain(row.name), 20),
    decimal(row.trades, 0),
    percent(row.winRate, 1),
    ...[decimal(row.pnl), percent(row.share, 1)],
    ...[row.fees, row.slippage, row.holding, row.interest].map((cost) => decimal(cost)),
  ]);
  const account = [
    'account',
    decimal(trades, 0),
    percent(result.winRate, 1),
    ...[decimal(net), ''],
    ...[fees, slippage, borrow + funding, interest].map((cost) => decimal(cost)),
  ].map((cell) => colors.bold(cell));
  const title = `Profit by strategy, net of all costs, in ${plain(currency)}`;
  return titled(title, table(head, [...rows, account], 1), colors);
}

/** What else might have been, in a few lines; the report and the document have all of it. */
function robustnessBlock({ relative, costSensitivity, monteCarlo }: BacktestResult, colors: Colors): string | null {
  const lines: string[] = [];
  if (relative !== undefined && relative.beta !== null) {
    const { alpha, beta, informationRatio } = relative;
    lines.push(
      `against buy and hold: alpha ${percent(alpha)} a year, beta ${decimal(beta)}, information ratio ${decimal(informationRatio)}`,
    );
  }
  if (costSensitivity !== undefined && costSensitivity.breakEvenBps !== null) {
    const { breakEvenBps, breakEvenMultiple: multiple } = costSensitivity;
    const even = multiple === null ? '' : `; nothing is left at ${decimal(multiple, 1)} times its costs`;
    lines.push(`before costs it earned ${decimal(breakEvenBps)} bps of what it traded${even}`);
  }
  const blocks = monteCarlo?.blocks ?? null;
  if (blocks !== null) {
    const { lossProbability, ruinProbability, maxDrawdown } = blocks;
    lines.push(
      `with other luck: loss ${probability(lossProbability)}, ruin ${probability(ruinProbability)}, one drawdown in twenty below ${percent(maxDrawdown.p05, 1)}`,
    );
  }
  if (lines.length === 0) return null;
  return titled('Market, costs and luck', lines.flatMap((line) => wrapped(line, '  ')).join('\n'), colors);
}

/** What the model traded by: the features that made and lost most. */
function featureBlock({ featureAttribution: attributed }: BacktestResult, colors: Colors): string | null {
  if (attributed === undefined || attributed === null || attributed.trades === 0) return null;
  const { features, cancelled, unknown } = attributed;
  const few = features.length <= 2 * FEATURES_SHOWN;
  const shown = few ? features : [...features.slice(0, FEATURES_SHOWN), ...features.slice(-FEATURES_SHOWN)];
  const others = few ? 0 : features.slice(FEATURES_SHOWN, -FEATURES_SHOWN).reduce((sum, { pnl }) => sum + pnl, 0);
  const rows = [
    ...shown.map(({ name, meanMove, share, pnl }) => [
      clipped(plain(name), 40),
      decimal(meanMove, 3),
      percent(share, 1),
      decimal(pnl),
    ]),
    ...(few ? [] : [[`${features.length - shown.length} others`, '', '', decimal(others)]]),
    ['spoke against each other', '', '', decimal(cancelled)],
    ...(unknown === 0 ? [] : [['without a known prediction', '', '', decimal(unknown)]]),
  ];
  return titled('Profit by feature', table(['', 'mean move', 'of all moves', 'profit'], rows, 1), colors);
}

function signalBlock({ evaluation }: ReportInput, colors: Colors): string {
  const signals = evaluation.session.lastSignals.slice(-SIGNALS_SHOWN).reverse();
  if (signals.length === 0) return titled('Last signals', '  The strategy gave no signal.', colors);
  const lines = signals.map(({ timeMs, symbol, action, probability, reason }) => {
    const up = probability === null ? 'rule' : percent(probability, 1);
    const word = action === 'BUY' ? colors.green(action) : action === 'SELL' ? colors.red(action) : action;
    return [minute(timeMs), clipped(plain(symbol), 16), word, up, clipped(plain(reason), 46)];
  });
  return titled(
    'Last signals (UTC, newest first)',
    table(['time', 'symbol', 'signal', 'up', 'reason'], lines, 3),
    colors,
  );
}

function refusalBlock({ evaluation }: ReportInput, colors: Colors): string {
  const { refused: groups } = evaluation.session;
  if (groups.length === 0) return titled('Refused', '  Nothing: no signal and no order was refused.', colors);
  const rows = groups.map(({ code, count, latest }) => [
    code,
    decimal(count, 0),
    minute(latest.timeMs),
    clipped(plain(latest.reason), 44),
  ]);
  return titled(
    `Refused: ${plural(refusedCount(groups), 'signal or order', 'signals and orders')}`,
    table(['why', 'count', 'latest', 'in words'], rows, 1),
    colors,
  );
}

function verdictBlock({ verdict, reasons, bars }: BacktestResult, colors: Colors): string {
  const tone = { evidence: colors.green, weak: colors.yellow, none: colors.dim }[verdict];
  const word = colors.bold(tone(`Verdict: ${verdict}. ${VERDICT_WORDS[verdict]}.`));
  const lines = reasons.flatMap((reason) => wrapped(plain(reason), '  '));
  return bars === 0 ? word : [word, ...lines].join('\n');
}

function placeBlock({ reportPath, model }: TerminalOptions, colors: Colors): string | null {
  const lines = [
    ...(reportPath === null ? [] : [`${colors.bold('Report')}  ${plain(reportPath)}`]),
    ...(model ?? []).flatMap((text, at) =>
      at === 0 ? [`${colors.bold('Model')}   ${plain(text)}`] : wrapped(plain(text), '        '),
    ),
  ];
  return lines.length === 0 ? null : lines.join('\n');
}

function titled(title: string, body: string, colors: Colors): string {
  return `${colors.bold(title)}\n${body}`;
}

/** A table without frames: the first `left` columns and a last one of words align left, numbers right. */
function table(head: readonly string[], rows: readonly (readonly string[])[], left: number): string {
  const words = ['reason', 'in words', 'latest'];
  const colAligns = head.map(
    (name, column) => (column < left || words.includes(name) ? 'left' : 'right') as 'left' | 'right',
  );
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
  };
  const chars = {
    ...none,
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  };
  const drawn = new Table({ chars, colAligns, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } });
  drawn.push([...head], ...rows.map((row) => [...row]));
  return drawn
    .toString()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
}

const minute = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');

/** Text from outside without control characters: it must not be able to move the cursor or colour the screen. */
function plain(text: string): string {
  return [...text]
    .map((character) => (character < ' ' || (character >= '\u007f' && character <= '\u009f') ? ' ' : character))
    .join('');
}

function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Words in lines of at most 100 columns; later lines are indented. */
function wrapped(text: string, indent = ''): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = `${indent}  ${word}`;
    } else line = line.trim() === '' ? `${line}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}
