import type { ModelCard } from './model-card.ts';
import { SCORE_NAMES } from '../scores/score.ts';

function figure(value: number | null | undefined): string {
  if (typeof value !== 'number') return 'n/a';
  return Number.isInteger(value) || Math.abs(value) >= 1000 ? value.toFixed(0) : value.toFixed(4);
}

const FIGURES = ['totalReturn', 'cagr', 'sharpe', 'maxDrawdown', 'exposure', 'turnover', 'trades'] as const;
const SIGNIFICANCE = ['probabilisticSharpe', 'deflatedSharpe', 'trials', 'probabilityOfOverfitting'] as const;

/** The card as Markdown: the same facts as its JSON, for people. */
export function cardMarkdown(card: ModelCard): string {
  const aliases = card.aliases.length === 0 ? '' : ` (${card.aliases.join(', ')})`;
  const { data, labels } = card;
  return [
    `# ${card.name}, version ${card.version}${aliases}`,
    '',
    `Model \`${card.modelHash.slice(0, 12)}\`, made ${card.made.slice(0, 16)}, expires ${card.expires?.slice(0, 10) ?? 'never'}.`,
    '',
    '## Limits of use',
    '',
    ...card.limitsOfUse.map((limit) => `- ${limit}`),
    '',
    '## Trained on',
    '',
    `- ${data.symbols.join(', ')}: ${data.timeframe} bars of source \`${data.source}\`, data \`${data.dataHash.slice(0, 12)}\``,
    ...(data.statement === '' ? [] : [`- ${data.statement}`]),
    `- ${data.rows} rows, decisions from ${data.from.slice(0, 10)}, labels up to ${data.to.slice(0, 10)}`,
    `- label: ${labels.kind} over ${labels.horizonBars} bars${labels.meta === undefined ? '' : `; learned: whether the side of ${labels.meta.side} is right`}`,
    `- ${card.features.length} features: ${card.features.join(', ')}`,
    `- members: ${card.members.map(memberText).join(', ')}; combined: ${card.combiner}; calibrated: ${card.calibrated}`,
    ...card.findings.map((finding) => `- ${finding}`),
    '',
    ...scoreLines(card),
    ...backtestLines(card),
    ...leakageLines(card),
    ...decisionLines(card),
  ].join('\n');
}

function scoreLines({ folds, outOfSample }: ModelCard): string[] {
  const row = (name: string, scores: Readonly<Record<(typeof SCORE_NAMES)[number], number | null>>): string =>
    `| ${name} | ${SCORE_NAMES.map((score) => figure(scores[score])).join(' | ')} |`;
  const pooled = outOfSample ?? null;
  const bins = (pooled?.calibration ?? []).map(
    ({ rows, predicted, observed }) => `| ${figure(predicted)} | ${figure(observed)} | ${rows} |`,
  );
  return [
    '## Out-of-sample scores',
    '',
    `| test rows | ${SCORE_NAMES.join(' | ')} |`,
    `| --- | ${SCORE_NAMES.map(() => '---:').join(' | ')} |`,
    ...folds.map((fold) => row(`${fold.from.slice(0, 10)} to ${fold.to.slice(0, 10)}`, fold)),
    ...(pooled === null ? [] : [row(`all ${pooled.rows}`, pooled)]),
    ...(pooled?.constant ? [row('all, of a constant at each fold’s training rate', pooled.constant)] : []),
    '',
    ...(bins.length === 0
      ? []
      : ['Calibration:', '', '| predicted | came true | rows |', '| ---: | ---: | ---: |', ...bins, '']),
  ];
}

function backtestLines({ backtest, rules, otherRules }: ModelCard): string[] {
  const others = otherRules.map(
    ({ differences, backtest: other }) =>
      `- by ${differences.join(', ')}: verdict ${String(other['verdict'])}, total return ${figure(other['totalReturn'] as number | null)}, ` +
      `Sharpe ${figure(other['sharpe'] as number | null)}, ${figure(other['trades'] as number | null)} trades`,
  );
  const apart =
    others.length === 0
      ? []
      : ['## Other rules over the same predictions', '', 'Not what the gate judges it by.', '', ...others, ''];
  if (backtest === null || backtest === undefined) return apart;
  const { signals, sizing } = rules;
  const line = (name: string): string => `- ${name}: ${figure(backtest[name] as number | null)}`;
  return [
    '## Out-of-sample backtest, net of costs',
    '',
    `Verdict: **${String(backtest['verdict'])}**`,
    '',
    `By the rules of its training: buy above ${signals.buyAbove}, sell below ${signals.sellBelow}, sizing ${sizing.kind}.`,
    '',
    ...FIGURES.map(line),
    ...SIGNIFICANCE.map(line),
    '',
    ...(backtest.reasons ?? []).map((reason) => `- ${reason}`),
    '',
    ...apart,
  ];
}

function leakageLines({ leakage }: ModelCard): string[] {
  if (leakage.length === 0) return ['## Look-ahead', '', 'Nobody has hunted for look-ahead.', ''];
  return [
    '## Look-ahead',
    '',
    ...leakage.map(({ hunt, compared, findings }) => {
      const values = Object.values(compared).reduce((sum, count) => sum + count, 0);
      return `- ${hunt}: ${values.toLocaleString('en')} values compared, ${findings.length} findings${findings.map((one) => `; ${one}`).join('')}`;
    }),
    '',
  ];
}

function decisionLines({ decisions }: ModelCard): string[] {
  if (decisions.length === 0) return ['## Gate', '', 'No decision has been made about this version.', ''];
  return [
    '## Gate',
    '',
    ...decisions.flatMap(({ outcome, championVersion, criteria, reason, decidedAtMs }) => [
      `${new Date(decidedAtMs).toISOString().slice(0, 16)}: **${outcome}**` +
        `${championVersion === null ? '' : ` against version ${championVersion}`}${reason === null ? '' : ` (${reason})`}`,
      '',
      ...criteria.map(({ name, met, text }) => `- ${met ? 'met' : 'not met'}: ${name}: ${text}`),
      '',
    ]),
  ];
}

function memberText({ name, kind, file, fileHash }: ModelCard['members'][number]): string {
  return file === undefined ? `${name} (${kind})` : `${name} (${file}, ${fileHash!.slice(0, 12)})`;
}
