import type { OutboxEntry } from '../../infra/mlflow/outbox-entry.ts';
import { MODEL_FOLDER, modelKey, parentKey, versionKey } from '../registry/training-names.ts';
import { cardMarkdown } from './card-markdown.ts';
import type { ModelCard } from './model-card.ts';
import type { PromotionDecision } from './promotion-gate.ts';

/**
 * What the tracking server is told of a decision: tags on the training's run, and the aliases that moved. `id` is the
 * decision's number.
 */
export function decisionEntries(
  trainingHash: string,
  decision: PromotionDecision,
  { id, challengerGone }: { id: number; challengerGone: boolean },
): OutboxEntry[] {
  const part = `decision-${id}`;
  const { name: modelName, outcome } = decision;
  const moved = outcome !== 'refused';
  const tags = {
    'promotion.outcome': outcome,
    'promotion.version': String(decision.version),
    'promotion.champion': decision.championVersion === null ? 'none' : String(decision.championVersion),
    'promotion.time': new Date(decision.decidedAtMs).toISOString(),
    ...Object.fromEntries(
      decision.criteria.map(({ name, met, text }) => [`promotion.${name}`, `${met ? 'met' : 'not met'}: ${text}`]),
    ),
    ...(decision.reason === null ? {} : { 'promotion.reason': decision.reason }),
  };
  const entries: OutboxEntry[] = [{ kind: 'logBatch', runKey: parentKey(trainingHash), part, tags }];
  if (moved)
    entries.push({ kind: 'setAlias', modelName, versionKey: versionKey(trainingHash), alias: 'champion', part });
  if (challengerGone) entries.push({ kind: 'deleteAlias', modelName, alias: 'challenger', part });
  return entries;
}

/**
 * A model card for the tracking server: beside the model in its run and in its logged model, as Markdown and JSON.
 * `part` tells apart the card of the run and those after decisions.
 */
export function cardEntries(trainingHash: string, card: ModelCard, part: string | null): OutboxEntry[] {
  const name = part === null ? 'card' : `card-${part}`;
  const files = [
    { path: `${name}.md`, contentType: 'text/markdown', content: Buffer.from(cardMarkdown(card), 'utf8') },
    { path: `${name}.json`, contentType: 'application/json', content: Buffer.from(JSON.stringify(card), 'utf8') },
  ];
  const runKey = parentKey(trainingHash);
  return files.flatMap(({ path, ...file }): OutboxEntry[] => [
    { kind: 'logArtifact', runKey, path: `${MODEL_FOLDER}/${path}`, ...file },
    { kind: 'logArtifact', runKey, modelKey: modelKey(trainingHash), path, ...file },
  ]);
}
